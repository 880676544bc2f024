//! The SVG as pixels, of at most 256 colours: a third of the bytes in true colour, and no eye tells.

use crate::{Drawing, Error, HEIGHT, Result, States, WIDTH, states_svg, svg};
use resvg::tiny_skia::{Pixmap, Transform};
use resvg::usvg::{Options, Tree, fontdb};
use std::collections::HashMap;
use std::sync::{Arc, OnceLock};

/// Pixels of a logical one: sharp on the screens that mails are read on.
const SCALE: f32 = 2.0;

/// What a mail should carry at most.
const BYTES_MAX: usize = 60_000;

/// Sizes of palettes: what one byte a pixel can hold, and for tangles of many lines fewer steps between line and ground.
const PALETTES: [usize; 3] = [256, 64, 28];

/// The drawing as PNG of 1200 × 480 pixels.
pub fn png(drawing: &Drawing<'_>) -> Result<Vec<u8>> {
    rastered(&svg(drawing))
}

/// Bands of states as PNG of 1200 × 480 pixels.
pub fn states_png(states: &States<'_>) -> Result<Vec<u8>> {
    rastered(&states_svg(states))
}

fn rastered(svg: &str) -> Result<Vec<u8>> {
    let options = Options { fontdb: fonts(), font_family: "Ubuntu".to_owned(), ..Options::default() };
    let tree = Tree::from_str(svg, &options).map_err(|e| Error::Svg(e.to_string()))?;
    let size = |logical: f64| (logical as f32 * SCALE) as u32;
    let (width, height) = (size(WIDTH), size(HEIGHT));
    let mut pixels =
        Pixmap::new(width, height).ok_or_else(|| Error::Png("no memory for its pixels".into()))?;
    resvg::render(&tree, Transform::from_scale(SCALE, SCALE), &mut pixels.as_mut());
    let colours: Vec<[u8; 3]> = opaque(&pixels);
    let mut kinds = kinds(&colours);
    kinds.sort_unstable_by_key(|(kind, count, _)| (std::cmp::Reverse(*count), *kind));
    let mut picture = Vec::new();
    for size in PALETTES {
        let palette = Palette::of(&kinds, size);
        picture = encode((width, height), &colours, &palette).map_err(|e| Error::Png(e.to_string()))?;
        if picture.len() <= BYTES_MAX {
            break;
        }
    }
    Ok(picture)
}

/// The panel is opaque, so every pixel is.
fn opaque(pixels: &Pixmap) -> Vec<[u8; 3]> {
    pixels.data().as_chunks::<4>().0.iter().map(|[r, g, b, _]| [*r, *g, *b]).collect()
}

/// The program's own fonts, read once: never those of the machine.
fn fonts() -> Arc<fontdb::Database> {
    static FONTS: OnceLock<Arc<fontdb::Database>> = OnceLock::new();
    let read = || {
        let mut database = fontdb::Database::new();
        for font in [epaint_default_fonts::UBUNTU_LIGHT, epaint_default_fonts::HACK_REGULAR] {
            database.load_font_source(fontdb::Source::Binary(Arc::new(font)));
        }
        database.set_sans_serif_family("Ubuntu");
        Arc::new(database)
    };
    Arc::clone(FONTS.get_or_init(read))
}

fn encode(
    (width, height): (u32, u32),
    colours: &[[u8; 3]],
    palette: &Palette,
) -> std::result::Result<Vec<u8>, png::EncodingError> {
    let indexed: Vec<u8> =
        colours.iter().map(|colour| palette.places[usize::from(coarse(*colour))]).collect();
    let mut out = Vec::with_capacity(32 << 10);
    let mut encoder = png::Encoder::new(&mut out, width, height);
    encoder.set_color(png::ColorType::Indexed);
    encoder.set_depth(png::BitDepth::Eight);
    encoder.set_palette(palette.colours.concat());
    encoder.set_compression(png::Compression::Balanced);
    encoder.set_filter(png::Filter::NoFilter);
    let mut writer = encoder.write_header()?;
    writer.write_image_data(&indexed)?;
    writer.finish()?;
    Ok(out)
}

/// Five bits of each part: colours that nobody tells apart are one kind.
fn coarse([r, g, b]: [u8; 3]) -> u16 {
    u16::from(r >> 3) << 10 | u16::from(g >> 3) << 5 | u16::from(b >> 3)
}

/// A kind of colour, how many pixels have it, and the most frequent colour of it.
type Kind = (u16, u32, [u8; 3]);

fn kinds(pixels: &[[u8; 3]]) -> Vec<Kind> {
    let mut counts: HashMap<[u8; 3], u32> = HashMap::new();
    for run in pixels.chunk_by(|a, b| a == b) {
        *counts.entry(run[0]).or_default() += run.len() as u32;
    }
    let mut kinds: HashMap<u16, (u32, [u8; 3], u32)> = HashMap::new();
    for (colour, count) in counts {
        let kind = kinds.entry(coarse(colour)).or_insert((0, colour, 0));
        kind.0 += count;
        if (count, colour) > (kind.2, kind.1) {
            (kind.1, kind.2) = (colour, count);
        }
    }
    kinds.into_iter().map(|(kind, (count, colour, _))| (kind, count, colour)).collect()
}

struct Palette {
    colours: Vec<[u8; 3]>,
    /// Of each kind of colour, its place among them.
    places: Vec<u8>,
}

impl Palette {
    /// The most frequent colours exactly; each rarer one becomes the nearest of them. `kinds` come most frequent first.
    fn of(kinds: &[Kind], size: usize) -> Self {
        let colours: Vec<[u8; 3]> = kinds.iter().take(size).map(|(_, _, colour)| *colour).collect();
        let mut places = vec![0; 1 << 15];
        for (i, (kind, _, colour)) in kinds.iter().enumerate() {
            places[usize::from(*kind)] = if i < size { i as u8 } else { nearest(&colours, *colour) };
        }
        Self { colours, places }
    }
}

fn nearest(colours: &[[u8; 3]], wanted: [u8; 3]) -> u8 {
    let distance = |colour: &[u8; 3]| -> u32 {
        colour.iter().zip(wanted).map(|(a, b)| u32::from(a.abs_diff(b)).pow(2)).sum()
    };
    let found = colours.iter().enumerate().min_by_key(|(_, colour)| distance(colour));
    found.map_or(0, |(i, _)| i as u8)
}
