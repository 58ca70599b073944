//! Layout of C1/S1 and C2/S2: 1536 bytes each, without any framing.

/// Bytes each side sends, and receives, in a whole handshake: version byte and two packets (`HS-1`).
/// They come before the chunk stream and count in nothing there but acknowledgements (`HS-17`).
pub const HANDSHAKE_LEN: usize = 1 + 2 * PACKET_LEN;

/// Length of C1, C2, S1 and S2 (`HS-1`).
pub(crate) const PACKET_LEN: usize = 1536;

/// C1, S1, C2 or S2.
pub(crate) type Packet = [u8; PACKET_LEN];

/// Where the random part of a C1/S1, or its copy in a C2/S2, begins (`HS-4`, `HS-7`).
const RANDOM: usize = 8;

/// Writes time and version of a C1/S1 and returns the part behind them, to be filled with random bytes (`HS-4`).
pub(crate) fn write_head(out: &mut Packet, time: u32, version: [u8; 4]) -> &mut [u8] {
    out[..4].copy_from_slice(&time.to_be_bytes());
    out[4..RANDOM].copy_from_slice(&version);
    &mut out[RANDOM..]
}

/// Writes the C2/S2 that echoes `peer`, a C1/S1 read at `read_at` on our clock (`HS-7`).
pub(crate) fn write_echo(out: &mut Packet, peer: &Packet, read_at: u32) {
    out.copy_from_slice(peer);
    out[4..RANDOM].copy_from_slice(&read_at.to_be_bytes());
}

/// Time field of a C1/S1 (`HS-4`).
pub(crate) fn time(packet: &Packet) -> u32 {
    u32::from_be_bytes([packet[0], packet[1], packet[2], packet[3]])
}

/// Bytes 4 to 7 of a C1/S1 (`HS-5`).
pub(crate) fn version(packet: &Packet) -> [u8; 4] {
    [packet[4], packet[5], packet[6], packet[7]]
}

/// Last 32 bytes of a packet: signature of a C2/S2, or what SWF verification hashes of an S1.
pub(crate) fn tail(packet: &Packet) -> &[u8; 32] {
    packet.last_chunk().expect("a packet is longer than 32 bytes")
}

/// Does a C2/S2 repeat the random part of `ours`? Time and time2 are never compared (`HS-8`, `HS-9`).
pub(crate) fn is_echo(answer: &Packet, ours: &Packet) -> bool {
    answer[RANDOM..] == ours[RANDOM..]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hs_04_head_is_time_and_version_big_endian() {
        let mut packet = [0xff; PACKET_LEN];
        let random = write_head(&mut packet, 1000, [0; 4]);
        assert_eq!(random.len(), 1528);
        assert_eq!(packet[..9], [0, 0, 3, 0xe8, 0, 0, 0, 0, 0xff]);
        assert_eq!((time(&packet), version(&packet)), (1000, [0; 4]));
    }

    #[test]
    fn hs_07_echo_copies_time_and_random_part() {
        let peer: Packet = core::array::from_fn(|i| i as u8);
        let mut echo = [0; PACKET_LEN];
        write_echo(&mut echo, &peer, 0x0102_0304);
        assert_eq!(echo[..4], peer[..4]);
        assert_eq!(echo[4..8], [1, 2, 3, 4]);
        assert_eq!(echo[8..], peer[8..]);
        assert!(is_echo(&echo, &peer), "time2 does not matter (HS-08)");
        echo[1535] ^= 1;
        assert!(!is_echo(&echo, &peer));
    }
}
