//! Columns of one file as Parquet: which there are, how each is laid out, and the writer of whole row groups.
//!
//! Every column is required and of one of four physical types. Pages of fixed-size columns end at the same rows
//! ([`PAGE_ROWS`]), so that a row's place in one is its place in all. Statistics are off: the index at the end of the file
//! and the catalog say what is where. That index lies between the last row group and the footer, which names it.

use super::disk::{LocalWriter, Sealed, io_error, new_id};
use crate::{Error, Result};
use parking_lot::Mutex;
use parquet::basic::{Compression, Encoding, Type as PhysicalType, ZstdLevel};
use parquet::data_type::{ByteArray, ByteArrayType, DoubleType, Int32Type, Int64Type};
use parquet::errors::ParquetError;
use parquet::file::metadata::KeyValue;
use parquet::file::properties::{EnabledStatistics, WriterProperties};
use parquet::file::writer::{SerializedColumnWriter, SerializedFileWriter};
use parquet::schema::types::{ColumnPath, Type};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Rows of a page of a fixed-size column. 1,024 keys are found, read and decoded in about 5 µs a column; at 256 rows the
/// page headers of a small file take 0.014 bytes a sample.
pub(crate) const PAGE_ROWS: usize = 1024;

/// Bytes of a page of blobs before compression: at 32 KiB zstd does 1.7 % worse, at 128 KiB 0.1 % better while a single
/// series pays twice the decompression.
pub(crate) const BLOB_PAGE_BYTES: usize = 64 << 10;

/// A dictionary past this gives way to plain pages: a reader of one row reads it whole.
const DICTIONARY_BYTES: usize = 256 << 10;

/// Names the index in the footer: "offset length crc32c".
pub(crate) const INDEX_KEY: &str = "oriel.index";
/// Names content and version in the footer.
pub(crate) const FORMAT_KEY: &str = "oriel.format";

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Physical {
    I32,
    I64,
    F64,
    Bytes,
}

/// How a column's values lie in its pages, before zstd.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Layout {
    Plain,
    Delta,
    Dictionary,
}

/// One column of a file.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ColumnSpec {
    pub(crate) name: &'static str,
    pub(crate) physical: Physical,
    pub(crate) layout: Layout,
}

impl ColumnSpec {
    pub(crate) const fn new(name: &'static str, physical: Physical, layout: Layout) -> Self {
        Self { name, physical, layout }
    }
}

/// Values of one column.
#[derive(Clone, Debug)]
pub(crate) enum Column {
    I32(Vec<i32>),
    I64(Vec<i64>),
    F64(Vec<f64>),
    Bytes(Vec<ByteArray>),
}

impl Column {
    pub(crate) fn empty(physical: Physical) -> Self {
        match physical {
            Physical::I32 => Self::I32(Vec::new()),
            Physical::I64 => Self::I64(Vec::new()),
            Physical::F64 => Self::F64(Vec::new()),
            Physical::Bytes => Self::Bytes(Vec::new()),
        }
    }

    pub(crate) fn len(&self) -> usize {
        match self {
            Self::I32(v) => v.len(),
            Self::I64(v) => v.len(),
            Self::F64(v) => v.len(),
            Self::Bytes(v) => v.len(),
        }
    }
}

/// The properties of a file with these columns. `effort` is zstd's level.
fn properties(format: &str, columns: &[ColumnSpec], zstd: i32) -> Result<WriterProperties> {
    let level = ZstdLevel::try_new(zstd).map_err(|e| Error::Closed(format!("zstd level {zstd}: {e}")))?;
    let mut builder = WriterProperties::builder()
        .set_created_by("oriel".into())
        .set_compression(Compression::ZSTD(level))
        .set_statistics_enabled(EnabledStatistics::None)
        .set_dictionary_enabled(false)
        .set_dictionary_page_size_limit(DICTIONARY_BYTES)
        .set_data_page_row_count_limit(PAGE_ROWS)
        .set_write_batch_size(PAGE_ROWS)
        .set_max_row_group_row_count(None)
        .set_key_value_metadata(Some(vec![KeyValue::new(FORMAT_KEY.into(), Some(format.to_owned()))]));
    for column in columns {
        let path = ColumnPath::from(column.name);
        builder = match column.layout {
            Layout::Plain => builder.set_column_encoding(path, Encoding::PLAIN),
            Layout::Delta if column.physical == Physical::Bytes => {
                builder.set_column_encoding(path, Encoding::DELTA_LENGTH_BYTE_ARRAY)
            }
            Layout::Delta => builder.set_column_encoding(path, Encoding::DELTA_BINARY_PACKED),
            Layout::Dictionary => builder
                .set_column_dictionary_enabled(path.clone(), true)
                .set_column_encoding(path, Encoding::PLAIN),
        };
        if column.physical == Physical::Bytes && column.layout != Layout::Dictionary {
            builder = builder.set_column_data_page_size_limit(ColumnPath::from(column.name), BLOB_PAGE_BYTES);
        }
    }
    Ok(builder.build())
}

fn schema(columns: &[ColumnSpec]) -> parquet::errors::Result<Type> {
    let fields = columns
        .iter()
        .map(|c| {
            let physical = match c.physical {
                Physical::I32 => PhysicalType::INT32,
                Physical::I64 => PhysicalType::INT64,
                Physical::F64 => PhysicalType::DOUBLE,
                Physical::Bytes => PhysicalType::BYTE_ARRAY,
            };
            Type::primitive_type_builder(c.name, physical)
                .with_repetition(parquet::basic::Repetition::REQUIRED)
                .build()
                .map(Arc::new)
        })
        .collect::<parquet::errors::Result<Vec<_>>>()?;
    Type::group_type_builder("oriel").with_fields(fields).build()
}

/// Writes one new file, row group by row group.
pub(crate) struct TableWriter {
    pub(crate) id: String,
    path: PathBuf,
    file: SerializedFileWriter<LocalWriter>,
    failure: Arc<Mutex<Option<io::Error>>>,
}

impl TableWriter {
    /// `format` is content and version, as in `samples 1`.
    pub(crate) fn create(dir: &Path, format: &str, columns: &[ColumnSpec], zstd: i32) -> Result<Self> {
        let id = new_id();
        let path = dir.join(format!("{id}.parquet"));
        let writer = LocalWriter::create(&path)?;
        let failure = writer.failure();
        let properties = Arc::new(properties(format, columns, zstd)?);
        let file = schema(columns)
            .and_then(|schema| SerializedFileWriter::new(writer, Arc::new(schema), properties))
            .map_err(|e| write_error(&path, &failure, &e))?;
        Ok(Self { id, path, file, failure })
    }

    /// Writes one row group; all columns are of one length, in the order of the specification.
    pub(crate) fn write_group(&mut self, columns: &[Column]) -> Result<()> {
        let Self { path, file, failure, .. } = self;
        let mut write = || -> parquet::errors::Result<()> {
            let mut group = file.next_row_group()?;
            for column in columns {
                let Some(mut writer) = group.next_column()? else { break };
                write_column(&mut writer, column)?;
                writer.close()?;
            }
            group.close()?;
            Ok(())
        };
        write().map_err(|e| write_error(path, failure, &e))
    }

    /// Adds the index and the footer, and makes the file durable.
    pub(crate) fn finish(mut self, index: &[u8]) -> Result<(String, Sealed)> {
        self.file.flush().map_err(|e| io_error(&self.path, e))?;
        let at = self.file.bytes_written();
        self.file.write_all(index).map_err(|e| io_error(&self.path, e))?;
        let place = format!("{at} {} {}", index.len(), crc32c::crc32c(index));
        self.file.append_key_value_metadata(KeyValue::new(INDEX_KEY.into(), Some(place)));
        let local = self.file.into_inner().map_err(|e| write_error(&self.path, &self.failure, &e))?;
        Ok((self.id, local.finish()?))
    }
}

fn write_column(writer: &mut SerializedColumnWriter<'_>, column: &Column) -> parquet::errors::Result<()> {
    match column {
        Column::I32(v) => writer.typed::<Int32Type>().write_batch(v, None, None)?,
        Column::I64(v) => writer.typed::<Int64Type>().write_batch(v, None, None)?,
        Column::F64(v) => writer.typed::<DoubleType>().write_batch(v, None, None)?,
        Column::Bytes(v) => writer.typed::<ByteArrayType>().write_batch(v, None, None)?,
    };
    Ok(())
}

/// The cause of a failed write, where the disk gave one.
pub(crate) fn write_error(path: &Path, failure: &Mutex<Option<io::Error>>, error: &ParquetError) -> Error {
    match failure.lock().take() {
        Some(cause) => io_error(path, cause),
        None => io_error(path, io::Error::other(error.to_string())),
    }
}
