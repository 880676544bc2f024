//! Colours: those of the pages, so that a mail's chart looks like the one behind its link.

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Theme {
    #[default]
    Light,
    Dark,
}

/// One theme's colours.
pub(crate) struct Ink {
    pub(crate) panel: &'static str,
    pub(crate) text: &'static str,
    pub(crate) dim: &'static str,
    pub(crate) faint_line: &'static str,
    pub(crate) grid: &'static str,
    pub(crate) band: &'static str,
    pub(crate) accent: &'static str,
    pub(crate) critical: &'static str,
    pub(crate) warning: &'static str,
    pub(crate) recovery: &'static str,
    pub(crate) series: [&'static str; 12],
}

static LIGHT: Ink = Ink {
    panel: "#ffffff",
    text: "#1a2029",
    dim: "#545f6e",
    faint_line: "#b4bcc8",
    grid: "#e4e8ee",
    band: "#7a879c",
    accent: "#1a5fd0",
    critical: "#c02b2b",
    warning: "#c46a00",
    recovery: "#147a41",
    series: [
        "#2a6fdb", "#d06a00", "#0f8a6d", "#b0429f", "#9a7a00", "#5b4fc4", "#c43d3d", "#2b88a8", "#6f7f00",
        "#8a5a2b", "#d1479b", "#546377",
    ],
};

static DARK: Ink = Ink {
    panel: "#15191f",
    text: "#dbe1e8",
    dim: "#98a4b3",
    faint_line: "#4a5564",
    grid: "#262d37",
    band: "#96aac8",
    accent: "#6aa5ff",
    critical: "#ff7b72",
    warning: "#f2a03f",
    recovery: "#4fca85",
    series: [
        "#5fa5ff", "#f59c3d", "#3fcf9f", "#e07ad0", "#eed35a", "#a597ff", "#ff7d6e", "#5fd0ee", "#b7d052",
        "#d3a27a", "#ff9ccf", "#a5b3c5",
    ],
};

impl Theme {
    pub(crate) fn ink(self) -> &'static Ink {
        match self {
            Self::Light => &LIGHT,
            Self::Dark => &DARK,
        }
    }
}
