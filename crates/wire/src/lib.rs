//! Foreign bytes to batches and back; pure decoders, one folder a protocol.
