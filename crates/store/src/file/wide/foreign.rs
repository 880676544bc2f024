//! A wide file as other Parquet readers see it: schema and footer, around pages that are encoded already.

use super::head::ChunkPlace;
use super::schema::{ColumnSpec, Kind, Schema};
use crate::Result;
use crate::file::disk::{LocalWriter, Sealed, io_error, new_id};
use crate::file::table::{FORMAT_KEY, write_error};
use bytes::Bytes;
use parking_lot::Mutex;
use parquet::basic::{
    Compression, ConvertedType, Encoding, LogicalType, Repetition, TimeUnit, Type as Physical, ZstdLevel,
};
use parquet::column::writer::ColumnCloseResult;
use parquet::file::metadata::{ColumnChunkMetaData, KeyValue};
use parquet::file::properties::WriterProperties;
use parquet::file::writer::SerializedFileWriter;
use parquet::schema::types::{Type, TypePtr};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Content and version in Parquet's footer.
pub(super) const FORMAT: &str = "rows 2";

/// Before Parquet's footer: length of the head as it lies and decompressed, its CRC32C, and these bytes.
pub(super) const MAGIC: [u8; 8] = *b"ORIELROW";
pub(super) const TRAILER_BYTES: usize = 3 * 4 + MAGIC.len();

/// A column chunk, encoded.
pub(super) struct Chunk {
    pub(super) bytes: Vec<u8>,
    /// Its offset is relative until the chunk is written.
    pub(super) place: ChunkPlace,
    pub(super) encodings: Vec<Encoding>,
    pub(super) slots: usize,
    pub(super) raw_bytes: usize,
}

/// See the module's head.
pub(super) struct ForeignWriter {
    id: String,
    path: PathBuf,
    file: SerializedFileWriter<LocalWriter>,
    failure: Arc<Mutex<Option<io::Error>>>,
}

impl ForeignWriter {
    pub(super) fn create(dir: &Path, schema: &Schema) -> Result<Self> {
        let id = new_id();
        let path = dir.join(format!("{id}.parquet"));
        let writer = LocalWriter::create(&path)?;
        let failure = writer.failure();
        let format = KeyValue::new(FORMAT_KEY.into(), Some(FORMAT.to_owned()));
        let properties = WriterProperties::builder()
            .set_created_by("oriel".into())
            .set_key_value_metadata(Some(vec![format]))
            .build();
        let file = parquet_schema(schema)
            .and_then(|schema| SerializedFileWriter::new(writer, Arc::new(schema), Arc::new(properties)))
            .map_err(|e| write_error(&path, &failure, &e))?;
        Ok(Self { id, path, file, failure })
    }

    /// Writes a row group and says where its chunks lie.
    pub(super) fn write_group(&mut self, chunks: Vec<Chunk>, rows: usize) -> Result<Vec<ChunkPlace>> {
        let Self { path, file, failure, .. } = self;
        let write = || -> parquet::errors::Result<Vec<ChunkPlace>> {
            let descriptors: Vec<_> = file.schema_descr().columns().to_vec();
            let mut offset = file.bytes_written() as u64;
            let mut group = file.next_row_group()?;
            let mut places = Vec::with_capacity(chunks.len());
            for (chunk, descriptor) in chunks.into_iter().zip(descriptors) {
                let codec = match chunk.place.compressed {
                    true => Compression::ZSTD(ZstdLevel::default()),
                    false => Compression::UNCOMPRESSED,
                };
                let dictionary = i64::from(chunk.place.dictionary_bytes);
                let metadata = ColumnChunkMetaData::builder(descriptor)
                    .set_compression(codec)
                    .set_encodings(chunk.encodings)
                    .set_num_values(chunk.slots as i64)
                    .set_total_compressed_size(chunk.bytes.len() as i64)
                    .set_total_uncompressed_size(chunk.raw_bytes as i64)
                    .set_dictionary_page_offset((dictionary > 0).then_some(0))
                    .set_data_page_offset(dictionary)
                    .build()?;
                let len = chunk.bytes.len() as u64;
                let close = ColumnCloseResult {
                    bytes_written: len,
                    rows_written: rows as u64,
                    metadata,
                    bloom_filter: None,
                    column_index: None,
                    offset_index: None,
                };
                group.append_column(&Bytes::from(chunk.bytes), close)?;
                places.push(ChunkPlace { offset, ..chunk.place });
                offset += len;
            }
            group.close()?;
            Ok(places)
        };
        write().map_err(|e| write_error(path, failure, &e))
    }

    pub(super) fn offset(&self) -> u64 {
        self.file.bytes_written() as u64
    }

    /// Writes bytes that are no part of any column.
    pub(super) fn write_aside(&mut self, bytes: &[u8]) -> Result<()> {
        self.file.write_all(bytes).map_err(|e| io_error(&self.path, e))
    }

    /// Writes the head and the footer, and makes the file durable.
    pub(super) fn finish(mut self, head: &[u8]) -> Result<(String, Sealed)> {
        let squeezed = zstd::bulk::compress(head, 3).map_err(|e| io_error(&self.path, e))?;
        self.write_aside(&squeezed)?;
        let mut trailer = Vec::with_capacity(TRAILER_BYTES);
        for n in [squeezed.len() as u32, head.len() as u32, crc32c::crc32c(&squeezed)] {
            trailer.extend_from_slice(&n.to_le_bytes());
        }
        trailer.extend_from_slice(&MAGIC);
        self.write_aside(&trailer)?;
        let local = self.file.into_inner().map_err(|e| write_error(&self.path, &self.failure, &e))?;
        Ok((self.id, local.finish()?))
    }
}

fn parquet_schema(schema: &Schema) -> parquet::errors::Result<Type> {
    let mut fields: Vec<TypePtr> = Vec::new();
    let mut map: Vec<TypePtr> = Vec::new();
    for column in &schema.columns {
        let built = Arc::new(primitive(column, schema.unit_ns)?);
        match column.kind {
            Kind::RestKey | Kind::RestValue => map.push(built),
            _ => fields.push(built),
        }
    }
    if !map.is_empty() {
        let entries = Type::group_type_builder("key_value")
            .with_repetition(Repetition::REPEATED)
            .with_fields(map)
            .build()?;
        let rest = Type::group_type_builder("rest")
            .with_repetition(Repetition::REQUIRED)
            .with_logical_type(Some(LogicalType::Map))
            .with_converted_type(ConvertedType::MAP)
            .with_fields(vec![Arc::new(entries)])
            .build()?;
        fields.push(Arc::new(rest));
    }
    Type::group_type_builder("oriel").with_fields(fields).build()
}

fn primitive(column: &ColumnSpec, unit_ns: i64) -> parquet::errors::Result<Type> {
    let name = column.name();
    let physical = match column.kind {
        Kind::Time | Kind::Int | Kind::Uint | Kind::SpanId => Physical::INT64,
        Kind::Float => Physical::DOUBLE,
        Kind::Bool => Physical::BOOLEAN,
        Kind::TraceId => Physical::FIXED_LEN_BYTE_ARRAY,
        Kind::Text | Kind::Message | Kind::RestKey | Kind::RestValue => Physical::BYTE_ARRAY,
    };
    let builder = Type::primitive_type_builder(&name, physical);
    let builder = match column.kind {
        Kind::Time | Kind::RestKey | Kind::RestValue => builder.with_repetition(Repetition::REQUIRED),
        _ => builder.with_repetition(Repetition::OPTIONAL),
    };
    let unit = match unit_ns {
        1_000_000 => TimeUnit::MILLIS,
        1000 => TimeUnit::MICROS,
        _ => TimeUnit::NANOS,
    };
    let logical = match column.kind {
        Kind::Time => Some(LogicalType::timestamp(true, unit)),
        Kind::Uint | Kind::SpanId => Some(LogicalType::integer(64, false)),
        Kind::Text | Kind::Message | Kind::RestKey | Kind::RestValue => Some(LogicalType::String),
        _ => None,
    };
    let builder = if column.kind == Kind::TraceId { builder.with_length(16) } else { builder };
    builder.with_logical_type(logical).build()
}
