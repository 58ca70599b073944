//! The hub: live streams shared between tasks.
#![cfg(all(feature = "tokio", feature = "live"))]

mod patience;

use patience::Watch;
use rtmp_session::live::ChannelConfig;
use rtmp_session::tokio::live::{Busy, Hub, Ready, Subscription};
use rtmp_session::{Media, MediaKind};
use std::future::Future;
use std::pin::pin;
use std::task::{Context, Poll, Waker};
use std::time::Duration;
use tokio::time::Instant;

fn configuration() -> Media {
    Media::video(0, vec![0x17, 0, 0, 0, 0, 1, 0x42])
}

fn video(number: u32) -> Media {
    Media::video(number * 40, vec![if number % 25 == 0 { 0x17 } else { 0x27 }, 1, 0, 0, 0, number as u8])
}

fn take(subscription: &mut Subscription) -> Vec<Media> {
    std::iter::from_fn(|| subscription.try_next()).collect()
}

fn is_waiting(subscription: &mut Subscription) -> bool {
    pin!(subscription.ready()).poll(&mut Context::from_waker(Waker::noop())) == Poll::Pending
}

#[tokio::test]
async fn one_publisher_a_key() {
    let _watch = Watch::over_this_test();
    let hub = Hub::default();
    let first = hub.publish("a").unwrap();
    assert_eq!(hub.publish("a").unwrap_err(), Busy);
    let _other = hub.publish("b").unwrap();
    assert!(hub.is_live("a") && hub.is_live("b") && !hub.is_live("c"));
    drop(first);
    assert!(!hub.is_live("a"));
    assert!(hub.publish("a").is_ok());
}

#[tokio::test]
async fn who_comes_first_waits_and_who_comes_late_starts_at_a_key_frame() {
    let _watch = Watch::over_this_test();
    let hub = Hub::default();
    let mut early = hub.subscribe("cam");
    assert!(is_waiting(&mut early));
    let mut publisher = hub.publish("cam").unwrap();
    publisher.push_batch([configuration()].into_iter().chain((0..40).map(video)));
    let mut late = hub.subscribe("cam");

    assert_eq!(early.ready().await, Ready::Media);
    assert_eq!(take(&mut early).len(), 41);
    assert_eq!(late.ready().await, Ready::Media);
    let got = take(&mut late);
    assert_eq!(got[0].payload, configuration().payload);
    assert_eq!(got[1..], (25..40).map(video).collect::<Vec<_>>());
    assert!(is_waiting(&mut early) && is_waiting(&mut late));
}

#[tokio::test]
async fn a_push_wakes_every_waiting_reader() {
    let _watch = Watch::over_this_test();
    let hub = Hub::default();
    let mut publisher = hub.publish("cam").unwrap();
    let readers: Vec<_> = (0..20)
        .map(|_| {
            let mut subscription = hub.subscribe("cam");
            tokio::spawn(async move {
                let mut got = 0;
                loop {
                    match subscription.ready().await {
                        Ready::Media => got += take(&mut subscription).len(),
                        Ready::Ended => return got,
                        other => panic!("{other:?}"),
                    }
                }
            })
        })
        .collect();
    tokio::task::yield_now().await;
    for number in 0..100 {
        publisher.push(video(number));
        if number % 10 == 0 {
            tokio::task::yield_now().await;
        }
    }
    drop(publisher);
    for reader in readers {
        assert_eq!(reader.await.unwrap(), 100);
    }
}

#[tokio::test]
async fn readers_stay_for_the_next_publisher_and_time_goes_on() {
    let _watch = Watch::over_this_test();
    let hub = Hub::default();
    let mut reader = hub.subscribe("cam");
    let mut publisher = hub.publish("cam").unwrap();
    publisher.push_batch((0..10).map(video));
    drop(publisher);
    assert_eq!(reader.ready().await, Ready::Media);
    let first = take(&mut reader);
    assert_eq!(first.len(), 10);
    assert_eq!(reader.ready().await, Ready::Ended, "once everything is taken");
    assert!(is_waiting(&mut reader), "and once only");
    assert!(!hub.is_live("cam"));

    let mut publisher = hub.publish("cam").unwrap();
    publisher.push_batch((0..10).map(video));
    assert_eq!(reader.ready().await, Ready::Media);
    let second = take(&mut reader);
    assert_eq!(second.len(), 10);
    assert!(second[0].timestamp >= first[9].timestamp, "{} after {}", second[0].timestamp, first[9].timestamp);
    drop(publisher);
    assert_eq!(reader.ready().await, Ready::Ended);
}

#[tokio::test]
async fn somebody_who_comes_between_two_publishers_hears_of_no_end() {
    let _watch = Watch::over_this_test();
    let hub = Hub::default();
    let _holds_the_key = hub.subscribe("cam");
    drop(hub.publish("cam").unwrap());
    let mut reader = hub.subscribe("cam");
    assert!(is_waiting(&mut reader));
}

#[tokio::test]
async fn a_reader_that_is_too_slow_finds_a_gap_and_then_a_key_frame() {
    let _watch = Watch::over_this_test();
    let mut config = ChannelConfig::default();
    config.max_messages = 60;
    let hub = Hub::new(config);
    let mut publisher = hub.publish("cam").unwrap();
    let mut reader = hub.subscribe("cam");
    publisher.push(video(0));
    assert_eq!(take(&mut reader).len(), 1);
    for number in 1..200 {
        publisher.push(video(number));
    }
    assert!(reader.try_next().is_none(), "a gap is told before what comes behind it");
    let Ready::Gap(gap) = reader.ready().await else { panic!("no gap") };
    assert!((100..199).contains(&gap.skipped), "{gap:?}");
    let resumed = reader.try_next().unwrap();
    assert_eq!((resumed.kind, resumed.payload[0]), (MediaKind::Video, 0x17));
    assert_eq!(take(&mut reader).last(), Some(&video(199)));
}

#[tokio::test]
async fn dropping_a_half_done_ready_loses_nothing() {
    let _watch = Watch::over_this_test();
    let hub = Hub::default();
    let mut reader = hub.subscribe("cam");
    let mut publisher = hub.publish("cam").unwrap();
    let mut got = Vec::new();
    for number in 0..50 {
        assert!(is_waiting(&mut reader));
        publisher.push(video(number));
        assert_eq!(pin!(reader.ready()).poll(&mut Context::from_waker(Waker::noop())), Poll::Ready(Ready::Media));
        got.extend(reader.try_next());
    }
    assert_eq!(got, (0..50).map(video).collect::<Vec<_>>());
}

#[tokio::test(start_paused = true)]
async fn coalescing_delays_a_reader_that_has_caught_up_by_the_window_at_most() {
    let _watch = Watch::over_this_test();
    let window = Duration::from_millis(100);
    let hub = Hub::default().coalesce(window);
    let mut reader = hub.subscribe("cam");
    let mut publisher = hub.publish("cam").unwrap();
    tokio::spawn(async move {
        for number in 0..100 {
            publisher.push(video(number));
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    });
    let begin = Instant::now();
    let (mut wakes, mut got) = (0, 0);
    loop {
        match reader.ready().await {
            Ready::Media => {
                wakes += 1;
                got += take(&mut reader).len();
            }
            Ready::Ended => break,
            other => panic!("{other:?}"),
        }
    }
    assert_eq!(got, 100);
    assert!((10..=12).contains(&wakes), "{wakes} wake-ups for a second of messages");
    assert!(begin.elapsed() <= Duration::from_millis(1000) + 2 * window);
}

#[tokio::test]
async fn publishers_and_readers_on_many_threads_miss_nothing() {
    let _watch = Watch::over_this_test();
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(4).enable_all().build().unwrap();
    let hub = Hub::default();
    let mut publisher = hub.publish("cam").unwrap();
    let readers: Vec<_> = (0..8)
        .map(|_| {
            let mut subscription = hub.subscribe("cam");
            runtime.spawn(async move {
                let mut next = 0;
                loop {
                    match subscription.ready().await {
                        Ready::Media => {
                            while let Some(media) = subscription.try_next() {
                                assert_eq!(media.timestamp, next * 40);
                                next += 1;
                            }
                        }
                        Ready::Ended => return next,
                        other => panic!("{other:?}"),
                    }
                }
            })
        })
        .collect();
    let pushing = runtime.spawn(async move {
        for number in 0..2000 {
            publisher.push(video(number));
            if number % 50 == 0 {
                tokio::time::sleep(Duration::from_micros(100)).await;
            }
        }
    });
    pushing.await.unwrap();
    for reader in readers {
        assert_eq!(reader.await.unwrap(), 2000);
    }
    runtime.shutdown_background();
}

#[tokio::test]
async fn a_key_nobody_holds_is_forgotten() {
    let _watch = Watch::over_this_test();
    let hub = Hub::default();
    for number in 0..1000 {
        let key = format!("key-{number}");
        let reader = hub.subscribe(&key);
        let publisher = hub.publish(&key).unwrap();
        drop(reader);
        drop(publisher);
    }
    assert_eq!(hub.len(), 0);
    let reader = hub.subscribe("cam");
    assert_eq!(hub.len(), 1);
    drop(hub.publish("cam"));
    assert_eq!(hub.len(), 1, "somebody still waits");
    drop(reader);
    assert!(hub.is_empty());
}

#[test]
fn a_key_goes_with_its_last_holders_even_when_they_leave_at_once() {
    let _watch = Watch::over_this_test();
    const ROUNDS: usize = 20_000;
    let hub = Hub::default();
    let (barrier, other) = (std::sync::Barrier::new(2), hub.clone());
    let leave = |hub: &Hub| {
        for round in 0..ROUNDS {
            let reader = hub.subscribe(&format!("key {round}"));
            barrier.wait();
            drop(reader);
        }
    };
    std::thread::scope(|scope| {
        scope.spawn(|| leave(&other));
        leave(&hub);
    });
    assert_eq!(hub.len(), 0, "keys that nobody holds");
}
