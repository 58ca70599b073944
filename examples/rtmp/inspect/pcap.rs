//! Packet captures, pcap and pcapng, as TCP segments.

use super::tcp::{Flow, Segment};
use etherparse::{NetSlice, SlicedPacket, TransportSlice};
use pcap_file::DataLink;
use pcap_file::pcap::PcapReader;
use pcap_file::pcapng::blocks::interface_description::InterfaceDescriptionOption;
use pcap_file::pcapng::{Block, PcapNgReader};
use std::io::Read;
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

/// Whether a file that begins so is a capture.
pub(crate) fn is_capture(start: &[u8]) -> bool {
    const MAGICS: [[u8; 4]; 5] = [
        [0xd4, 0xc3, 0xb2, 0xa1],
        [0xa1, 0xb2, 0xc3, 0xd4],
        [0x4d, 0x3c, 0xb2, 0xa1],
        [0xa1, 0xb2, 0x3c, 0x4d],
        PCAPNG,
    ];
    MAGICS.iter().any(|magic| start.starts_with(magic))
}

/// Calls `each` for every TCP segment, in the order of the capture, with its time.
pub(crate) fn for_each_segment(
    start: &[u8],
    file: impl Read,
    mut each: impl FnMut(Duration, Flow, &Segment<'_>),
) -> Result<(), String> {
    if start.starts_with(&PCAPNG) {
        let mut reader = PcapNgReader::new(file).map_err(|error| error.to_string())?;
        let mut interfaces: Vec<(DataLink, u64)> = Vec::new();
        while let Some(block) = reader.next_block() {
            match block.map_err(|error| error.to_string())? {
                Block::SectionHeader(_) => interfaces.clear(),
                Block::InterfaceDescription(block) => interfaces.push((block.linktype, nanos_per_unit(&block.options))),
                Block::EnhancedPacket(packet) => {
                    let Some((link, unit)) = interfaces.get(packet.interface_id as usize) else { continue };
                    let time = Duration::from_nanos((packet.timestamp.as_nanos() as u64).saturating_mul(*unit));
                    read_packet(*link, time, &packet.data, &mut each);
                }
                _ => {}
            }
        }
        return Ok(());
    }
    let mut reader = PcapReader::new(file).map_err(|error| error.to_string())?;
    let link = reader.header().datalink;
    while let Some(packet) = reader.next_packet() {
        let packet = packet.map_err(|error| error.to_string())?;
        read_packet(link, packet.timestamp, &packet.data, &mut each);
    }
    Ok(())
}

fn read_packet(link: DataLink, time: Duration, data: &[u8], each: &mut impl FnMut(Duration, Flow, &Segment<'_>)) {
    let sliced = match link {
        DataLink::ETHERNET => SlicedPacket::from_ethernet(data),
        DataLink::LINUX_SLL => SlicedPacket::from_linux_sll(data),
        DataLink::RAW | DataLink::IPV4 | DataLink::IPV6 => SlicedPacket::from_ip(data),
        DataLink::NULL | DataLink::LOOP => SlicedPacket::from_ip(data.get(4..).unwrap_or_default()),
        DataLink::LINUX_SLL2 => SlicedPacket::from_ip(data.get(20..).unwrap_or_default()),
        _ => return,
    };
    // What is not IP, or is cut off, is none of ours.
    let Ok(packet) = sliced else { return };
    let (from, to) = match &packet.net {
        Some(NetSlice::Ipv4(ip)) => {
            (IpAddr::from(ip.header().source_addr()), IpAddr::from(ip.header().destination_addr()))
        }
        Some(NetSlice::Ipv6(ip)) => {
            (IpAddr::from(ip.header().source_addr()), IpAddr::from(ip.header().destination_addr()))
        }
        _ => return,
    };
    let Some(TransportSlice::Tcp(tcp)) = &packet.transport else { return };
    let flow = Flow { from: SocketAddr::new(from, tcp.source_port()), to: SocketAddr::new(to, tcp.destination_port()) };
    let segment = Segment { sequence: tcp.sequence_number(), syn: tcp.syn(), payload: tcp.payload() };
    each(time, flow, &segment);
}

/// The reader takes every time stamp for nanoseconds; the interface says what they are. Microseconds unless it says.
fn nanos_per_unit(options: &[InterfaceDescriptionOption<'_>]) -> u64 {
    let resolution = options.iter().find_map(|option| match option {
        InterfaceDescriptionOption::IfTsResol(resolution) => Some(*resolution),
        _ => None,
    });
    match resolution {
        Some(digits @ 0..=9) => 10_u64.pow(u32::from(9 - digits)),
        _ => 1000,
    }
}

const PCAPNG: [u8; 4] = [0x0a, 0x0d, 0x0d, 0x0a];
