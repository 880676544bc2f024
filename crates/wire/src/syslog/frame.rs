//! Frames of a stream: counted octets (`111 <131>1 …`), or ended by a NUL or a line end, told for each frame by itself.
//!
//! A line end within a message ends it only when a new frame begins behind it; so a traceback stays one message, whether its
//! sender ends messages with NUL or with a line end. The last line of a buffer waits for what comes, or for [`Framer::flush`].

/// Digits of a frame's length: more than any frame may have.
const LENGTH_DIGITS_MAX: usize = 8;

/// See the module's head.
#[derive(Debug)]
pub struct Framer {
    buffer: Vec<u8>,
    /// Where the next frame begins.
    at: usize,
    frame_bytes_max: usize,
    /// Bytes of an overlong counted frame that are passed over.
    skip: usize,
}

/// What stands at the start of the buffer.
enum Next {
    /// The frame's begin and end, and where the next begins.
    Frame(usize, usize, usize),
    /// Not all of it is here.
    Part,
}

impl Framer {
    /// Frames longer than `frame_bytes_max` are cut there.
    pub fn new(frame_bytes_max: usize) -> Self {
        Self { buffer: Vec::new(), at: 0, frame_bytes_max, skip: 0 }
    }

    /// Adds what was read, and gives the frames that are whole.
    pub fn push(&mut self, bytes: &[u8], mut each: impl FnMut(&[u8])) {
        self.buffer.extend_from_slice(bytes);
        self.frames(false, &mut each);
    }

    /// Nothing has come for a while, or will: what is here is the frame.
    pub fn flush(&mut self, mut each: impl FnMut(&[u8])) {
        self.frames(true, &mut each);
    }

    /// Whether a part of a frame is waiting.
    pub fn is_waiting(&self) -> bool {
        self.at < self.buffer.len()
    }

    fn frames(&mut self, last: bool, each: &mut impl FnMut(&[u8])) {
        loop {
            let skipped = self.skip.min(self.buffer.len() - self.at);
            self.at += skipped;
            self.skip -= skipped;
            while self.buffer.get(self.at).is_some_and(|b| matches!(b, b'\n' | b'\r' | 0 | b' ')) {
                self.at += 1;
            }
            if self.at >= self.buffer.len() {
                break;
            }
            match self.next(last) {
                Next::Frame(begin, end, behind) => {
                    if end > begin {
                        each(&self.buffer[begin..end]);
                    }
                    self.at = behind;
                }
                Next::Part => break,
            }
        }
        self.buffer.drain(..self.at);
        self.at = 0;
    }

    fn next(&mut self, last: bool) -> Next {
        let rest = &self.buffer[self.at..];
        match counted(rest) {
            Counted::Frame { header, len } => {
                let begin = self.at + header;
                let kept = len.min(self.frame_bytes_max);
                if rest.len() >= header + kept {
                    self.skip = len - kept;
                    return Next::Frame(begin, begin + kept, begin + kept);
                }
                if last {
                    return Next::Frame(begin, self.buffer.len(), self.buffer.len());
                }
                Next::Part
            }
            Counted::Part if !last => Next::Part,
            Counted::Part | Counted::No => self.delimited(last),
        }
    }

    fn delimited(&self, last: bool) -> Next {
        let rest = &self.buffer[self.at..];
        let glued = rest[0] == b'<';
        let nul = memchr::memchr(0, rest);
        let line = line_end(rest, glued, last);
        let end = match (line, nul) {
            (Some(line), Some(nul)) => line.min(nul),
            (Some(end), None) | (None, Some(end)) => end,
            (None, None) if last || rest.len() >= self.frame_bytes_max => {
                let end = rest.len().min(self.frame_bytes_max);
                return Next::Frame(self.at, self.at + end, self.at + end);
            }
            (None, None) => return Next::Part,
        };
        let end = end.min(self.frame_bytes_max);
        Next::Frame(self.at, self.at + end, self.at + end)
    }
}

/// Where the line end is that ends a frame. In a frame with a priority the text goes on in lines that begin none.
fn line_end(rest: &[u8], glued: bool, last: bool) -> Option<usize> {
    for at in memchr::memchr_iter(b'\n', rest) {
        let behind = &rest[at + 1..];
        if !glued || begins_frame(behind) || (last && behind.is_empty()) {
            return Some(at);
        }
    }
    None
}

/// `<131>`, or a count and that.
fn begins_frame(bytes: &[u8]) -> bool {
    let digits = |bytes: &[u8]| bytes.iter().take_while(|b| b.is_ascii_digit()).count();
    let begins = |bytes: &[u8]| {
        let Some(rest) = bytes.strip_prefix(b"<") else { return false };
        let n = digits(rest);
        (1..=3).contains(&n) && rest.get(n) == Some(&b'>')
    };
    let n = digits(bytes);
    begins(bytes)
        || ((1..=LENGTH_DIGITS_MAX).contains(&n) && bytes.get(n) == Some(&b' ') && begins(&bytes[n + 1..]))
}

enum Counted {
    /// How many bytes the count takes, and how long the frame behind it is.
    Frame {
        header: usize,
        len: usize,
    },
    /// It may become a count.
    Part,
    No,
}

fn counted(bytes: &[u8]) -> Counted {
    let n = bytes.iter().take_while(|b| b.is_ascii_digit()).count();
    if n == 0 || n > LENGTH_DIGITS_MAX || bytes[0] == b'0' {
        return Counted::No;
    }
    match (bytes.get(n), bytes.get(n + 1)) {
        (None, _) | (Some(b' '), None) => Counted::Part,
        (Some(b' '), Some(b'<')) => {
            let len = bytes[..n].iter().fold(0, |len, b| len * 10 + usize::from(b - b'0'));
            Counted::Frame { header: n + 1, len }
        }
        _ => Counted::No,
    }
}
