//! The framing of unix stream sockets: a u32 little-endian length, then a packet.

/// Longest packet of a stream. The clients send at most 8 KiB; the agent's own buffer has that size too.
pub const FRAME_BYTES_MAX: usize = 64 << 10;

/// A frame said to be longer than [`FRAME_BYTES_MAX`]: the stream can't be followed any more and has to be closed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a frame of {0} bytes is over the limit of {FRAME_BYTES_MAX}: close the stream")]
pub struct FrameTooLong(pub usize);

/// Bytes of a stream that are not yet a whole frame.
#[derive(Debug, Default)]
pub struct Frames {
    rest: Vec<u8>,
}

impl Frames {
    /// Takes what a read gave and calls `packet` for each frame that is complete.
    pub fn feed(&mut self, mut bytes: &[u8], mut packet: impl FnMut(&[u8])) -> Result<(), FrameTooLong> {
        while !self.rest.is_empty() && !bytes.is_empty() {
            let wanted = match self.rest.first_chunk::<4>() {
                Some(head) => 4 + checked(*head)?,
                None => 4,
            };
            let take = (wanted - self.rest.len()).min(bytes.len());
            self.rest.extend_from_slice(&bytes[..take]);
            bytes = &bytes[take..];
            if let Some((frame, _)) = split(&self.rest)? {
                packet(frame);
                self.rest.clear();
            }
        }
        while let Some((frame, after)) = split(bytes)? {
            packet(frame);
            bytes = after;
        }
        self.rest.extend_from_slice(bytes);
        Ok(())
    }

    /// Whether the stream ended inside a frame.
    pub fn is_torn(&self) -> bool {
        !self.rest.is_empty()
    }
}

fn checked(head: [u8; 4]) -> Result<usize, FrameTooLong> {
    let len = u32::from_le_bytes(head) as usize;
    if len > FRAME_BYTES_MAX { Err(FrameTooLong(len)) } else { Ok(len) }
}

type Parted<'a> = Option<(&'a [u8], &'a [u8])>;

fn split(bytes: &[u8]) -> Result<Parted<'_>, FrameTooLong> {
    let Some((head, rest)) = bytes.split_first_chunk::<4>() else { return Ok(None) };
    Ok(rest.split_at_checked(checked(*head)?))
}

#[cfg(test)]
mod tests;
