//! Query languages to one typed plan to a Frame.
