//! A Frame as SVG and PNG, for snapshots and mails.
//!
//! One drawing, two forms: the SVG is the drawing, the PNG is that SVG rasterised, so that they can't differ. Fonts are part of the
//! program: a mail looks alike from every machine.
//!
//! Never here: queries, files, sockets.
