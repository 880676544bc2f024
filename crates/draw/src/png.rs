//! The SVG as pixels.

use crate::{Drawing, Error, HEIGHT, Result, WIDTH, svg};
use resvg::tiny_skia::{Pixmap, Transform};
use resvg::usvg::{Options, Tree, fontdb};
use std::sync::{Arc, OnceLock};

/// Pixels of a logical one: sharp on the screens that mails are read on.
const SCALE: f32 = 2.0;

/// The drawing as PNG of 1200 × 480 pixels.
pub fn png(drawing: &Drawing<'_>) -> Result<Vec<u8>> {
    let options = Options { fontdb: fonts(), font_family: "Ubuntu".to_owned(), ..Options::default() };
    let tree = Tree::from_str(&svg(drawing), &options).map_err(|e| Error::Svg(e.to_string()))?;
    let size = |logical: f64| (logical as f32 * SCALE) as u32;
    let mut pixels = Pixmap::new(size(WIDTH), size(HEIGHT))
        .ok_or_else(|| Error::Png("no memory for its pixels".into()))?;
    resvg::render(&tree, Transform::from_scale(SCALE, SCALE), &mut pixels.as_mut());
    pixels.encode_png().map_err(|e| Error::Png(e.to_string()))
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
