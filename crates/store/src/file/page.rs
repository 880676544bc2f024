//! Pages of an open file: found by row through the offset index, decompressed and decoded once, then cached.
//!
//! What we read is what [`super::table`] writes: required columns, pages of version 1. Anything else, and any byte that does
//! not fit, is [`Error::Corrupt`] and never a panic.

use super::body::{PAGE_BYTES_MAX, Pages, parse_page, plain};
use super::cache::{Held, PageCache, PageKey};
use super::disk::{LocalReader, path_of};
use super::table::{Column, ColumnSpec, FORMAT_KEY, INDEX_KEY, Physical};
use super::values::Damage;
use crate::parts::FileMeta;
use crate::{Error, Result};
use bytes::Bytes;
use parquet::basic::{Compression, Encoding, Type as PhysicalType};
use parquet::column::page::Page as ParquetPage;
use parquet::column::reader::ColumnReaderImpl;
use parquet::data_type::{ByteArray, ByteArrayType, DataType, DoubleType, Int32Type, Int64Type};
use parquet::errors::ParquetError;
use parquet::file::metadata::{PageIndexPolicy, ParquetMetaData, ParquetMetaDataReader};
use parquet::file::page_index::offset_index::PageLocation;
use std::path::{Path, PathBuf};

/// Rows of one column, decoded.
#[derive(Debug)]
pub(crate) struct Page {
    /// Of its row group.
    pub(crate) first_row: usize,
    pub(crate) column: Column,
    /// Of the decompressed body, which blobs are slices of.
    body_bytes: usize,
}

impl Held for Page {
    fn bytes(&self) -> usize {
        let per_value = match &self.column {
            Column::I32(_) => 4,
            Column::I64(_) | Column::F64(_) => 8,
            Column::Bytes(_) => size_of::<ByteArray>(),
        };
        let blobs = if matches!(self.column, Column::Bytes(_)) { self.body_bytes } else { 0 };
        size_of::<Self>() + self.column.len() * per_value + blobs
    }
}

impl Page {
    /// Whether a row of its row group is on it.
    pub(crate) fn has(&self, row: usize) -> bool {
        (self.first_row..self.first_row + self.column.len()).contains(&row)
    }

    /// A row's number; the file's columns were checked when it was opened.
    pub(crate) fn whole(&self, row: usize) -> i64 {
        match &self.column {
            Column::I64(v) => v[row - self.first_row],
            Column::I32(v) => i64::from(v[row - self.first_row]),
            _ => 0,
        }
    }

    pub(crate) fn float(&self, row: usize) -> f64 {
        match &self.column {
            Column::F64(v) => v[row - self.first_row],
            _ => 0.0,
        }
    }

    pub(crate) fn blob(&self, row: usize) -> ByteArray {
        match &self.column {
            Column::Bytes(v) => v[row - self.first_row].clone(),
            _ => ByteArray::new(),
        }
    }
}

/// An open file of any content.
pub(crate) struct TableReader {
    pub(crate) path: PathBuf,
    pub(crate) number: u64,
    reader: LocalReader,
    metadata: ParquetMetaData,
    /// Of the columns, in the file's order.
    names: Vec<String>,
}

impl Drop for TableReader {
    fn drop(&mut self) {
        PageCache::shared().forget(self.number);
    }
}

impl TableReader {
    /// Opens a file that says it is of `format`.
    pub(crate) fn open(dir: &Path, meta: &FileMeta, format: &str) -> Result<Self> {
        let path = path_of(dir, meta);
        let reader = LocalReader::open(&path, meta.bytes)?;
        let metadata = ParquetMetaDataReader::new()
            .with_offset_index_policy(PageIndexPolicy::Required)
            .with_column_index_policy(PageIndexPolicy::Skip)
            .parse_and_finish(&reader)
            .map_err(|e| read_error(&path, &e))?;
        let columns = metadata.file_metadata().schema_descr();
        let names = columns.columns().iter().map(|c| c.name().to_owned()).collect();
        let number = PageCache::shared().file_number();
        let table = Self { path, number, reader, metadata, names };
        let found = table.key_value(FORMAT_KEY).unwrap_or_default();
        if found != format {
            return Err(
                table.corrupt(&Damage::new(format!("a file of {found:?} where {format:?} should be")))
            );
        }
        table.check_shape()?;
        Ok(table)
    }

    /// That every column is as we write it, so that reading can rely on it.
    fn check_shape(&self) -> Result<()> {
        let damage = |what: &str| Err(self.corrupt(&Damage::new(what)));
        let columns = self.metadata.file_metadata().schema_descr();
        if columns.columns().iter().any(|c| c.max_def_level() != 0 || c.max_rep_level() != 0) {
            return damage("a column that is not required");
        }
        let Some(offsets) = self.metadata.offset_index() else { return damage("no offset index") };
        let groups = self.metadata.row_groups();
        if offsets.len() != groups.len() {
            return damage("an offset index of other row groups");
        }
        for (group, offsets) in groups.iter().zip(offsets) {
            let rows = group.num_rows();
            if rows <= 0 || offsets.len() != self.names.len() || group.num_columns() != self.names.len() {
                return damage("a row group of another shape");
            }
            for pages in offsets {
                let first = pages.page_locations().first().map(|p| p.first_row_index);
                let rising =
                    pages.page_locations().windows(2).all(|w| w[0].first_row_index < w[1].first_row_index);
                let last = pages.page_locations().last().map_or(rows, |p| p.first_row_index);
                if first != Some(0) || !rising || last >= rows {
                    return damage("an offset index that does not rise");
                }
            }
        }
        Ok(())
    }

    pub(crate) fn key_value(&self, key: &str) -> Option<&str> {
        let pairs = self.metadata.file_metadata().key_value_metadata()?;
        pairs.iter().find(|kv| kv.key == key)?.value.as_deref()
    }

    /// The bytes between the row groups and the footer.
    pub(crate) fn index(&self) -> Result<Bytes> {
        let damage = || self.corrupt(&Damage::new("the index is not what was written"));
        let place = self.key_value(INDEX_KEY).ok_or_else(damage)?;
        let numbers: Vec<u64> = place.split(' ').map_while(|n| n.parse().ok()).collect();
        let &[at, len, crc] = numbers.as_slice() else { return Err(damage()) };
        let len = usize::try_from(len).ok().filter(|&len| len <= PAGE_BYTES_MAX).ok_or_else(damage)?;
        let bytes = self.reader.read(at, len).map_err(|e| super::disk::io_error(&self.path, e))?;
        if u64::from(crc32c::crc32c(&bytes)) != crc {
            return Err(damage());
        }
        Ok(bytes)
    }

    pub(crate) fn columns(&self) -> usize {
        self.names.len()
    }

    /// Whether the file has just these columns, in this order.
    pub(crate) fn has_columns(&self, expected: &[ColumnSpec]) -> bool {
        let physical = |p: Physical| match p {
            Physical::I32 => PhysicalType::INT32,
            Physical::I64 => PhysicalType::INT64,
            Physical::F64 => PhysicalType::DOUBLE,
            Physical::Bytes => PhysicalType::BYTE_ARRAY,
        };
        let columns = self.metadata.file_metadata().schema_descr().columns();
        columns.len() == expected.len()
            && columns
                .iter()
                .zip(expected)
                .all(|(c, e)| c.name() == e.name && c.physical_type() == physical(e.physical))
    }

    pub(crate) fn groups(&self) -> usize {
        self.metadata.num_row_groups()
    }

    pub(crate) fn group_rows(&self, group: usize) -> usize {
        usize::try_from(self.metadata.row_group(group).num_rows()).unwrap_or(0)
    }

    /// Bytes on disk of a column's pages and headers.
    #[cfg(test)]
    pub(crate) fn column_bytes(&self, column: usize) -> u64 {
        let size = |g: &parquet::file::metadata::RowGroupMetaData| g.column(column).compressed_size();
        self.metadata.row_groups().iter().map(|g| u64::try_from(size(g)).unwrap_or(0)).sum()
    }

    #[cfg(test)]
    pub(crate) fn names(&self) -> &[String] {
        &self.names
    }

    pub(crate) fn corrupt(&self, damage: &Damage) -> Error {
        Error::Corrupt { path: self.path.display().to_string(), what: damage.to_string() }
    }

    fn locations(&self, group: usize, column: usize) -> &[PageLocation] {
        self.metadata.offset_index().map_or(&[], |all| all[group][column].page_locations().as_slice())
    }

    /// The page of a column that has this row of the group; through the cache.
    pub(crate) fn page(&self, group: usize, column: usize, row: usize) -> Result<std::sync::Arc<Page>> {
        let locations = self.locations(group, column);
        let page = locations.partition_point(|p| p.first_row_index <= row as i64).saturating_sub(1);
        let key =
            PageKey { file: self.number, group: group as u32, column: column as u16, page: page as u32 };
        PageCache::shared().get(key, || self.load(group, column, page))
    }

    /// The same without leaving it in the cache: for those who read everything once.
    pub(crate) fn page_once(&self, group: usize, column: usize, row: usize) -> Result<Page> {
        let locations = self.locations(group, column);
        let page = locations.partition_point(|p| p.first_row_index <= row as i64).saturating_sub(1);
        self.load(group, column, page)
    }

    fn load(&self, group: usize, column: usize, page: usize) -> Result<Page> {
        let locations = self.locations(group, column);
        let at = &locations[page];
        let rows_end =
            locations.get(page + 1).map_or(self.group_rows(group) as i64, |next| next.first_row_index);
        let first_row = usize::try_from(at.first_row_index).unwrap_or(0);
        let rows = usize::try_from(rows_end).unwrap_or(0).saturating_sub(first_row);
        let size = usize::try_from(at.compressed_page_size).unwrap_or(0);
        let raw = self.read_page(group, column, (at.offset, size))?;
        let body_bytes = raw.buffer().len();
        let decoded = self.decode(group, column, raw, rows)?;
        if decoded.len() != rows {
            let what = format!("{} of {rows} rows in a page of {}", decoded.len(), self.names[column]);
            return Err(self.corrupt(&Damage::new(what)));
        }
        Ok(Page { first_row, column: decoded, body_bytes })
    }

    fn read_page(&self, group: usize, column: usize, (offset, size): (i64, usize)) -> Result<ParquetPage> {
        let start = u64::try_from(offset).unwrap_or(u64::MAX);
        let bytes = self.reader.read(start, size).map_err(|e| match e.kind() {
            std::io::ErrorKind::UnexpectedEof => {
                self.corrupt(&Damage::new("a page past the end of the file"))
            }
            _ => super::disk::io_error(&self.path, e),
        })?;
        let compressed = match self.metadata.row_group(group).column(column).compression() {
            Compression::UNCOMPRESSED => false,
            Compression::ZSTD(_) => true,
            other => return Err(self.corrupt(&Damage::new(format!("compression {other:?}")))),
        };
        parse_page(&bytes, compressed).map_err(|e| self.corrupt(&e))
    }

    fn decode(&self, group: usize, column: usize, raw: ParquetPage, rows: usize) -> Result<Column> {
        let physical = match self.metadata.row_group(group).column(column).column_type() {
            PhysicalType::INT32 => Physical::I32,
            PhysicalType::INT64 => Physical::I64,
            PhysicalType::DOUBLE => Physical::F64,
            PhysicalType::BYTE_ARRAY => Physical::Bytes,
            other => return Err(self.corrupt(&Damage::new(format!("a column of {other}")))),
        };
        if raw.encoding() == Encoding::PLAIN {
            return plain(physical, raw.buffer(), rows).map_err(|e| self.corrupt(&e));
        }
        let mut pages = Vec::with_capacity(2);
        if matches!(raw.encoding(), Encoding::RLE_DICTIONARY | Encoding::PLAIN_DICTIONARY) {
            pages.push(self.dictionary(group, column)?);
        }
        pages.push(raw);
        let pages = Pages(pages.into_iter());
        match physical {
            Physical::I32 => self.records::<Int32Type>(column, pages, rows).map(Column::I32),
            Physical::I64 => self.records::<Int64Type>(column, pages, rows).map(Column::I64),
            Physical::F64 => self.records::<DoubleType>(column, pages, rows).map(Column::F64),
            Physical::Bytes => self.records::<ByteArrayType>(column, pages, rows).map(Column::Bytes),
        }
    }

    fn dictionary(&self, group: usize, column: usize) -> Result<ParquetPage> {
        let chunk = self.metadata.row_group(group).column(column);
        let end = self.locations(group, column).first().map_or(0, |p| p.offset);
        let place = chunk.dictionary_page_offset().and_then(|start| {
            let len = usize::try_from(end.checked_sub(start)?).ok()?;
            Some((start, len))
        });
        let Some(place) = place else { return Err(self.corrupt(&Damage::new("no dictionary page"))) };
        self.read_page(group, column, place)
    }

    fn records<T: DataType>(&self, column: usize, pages: Pages, rows: usize) -> Result<Vec<T::T>> {
        let descr = self.metadata.file_metadata().schema_descr().column(column);
        let mut out = Vec::with_capacity(rows);
        ColumnReaderImpl::<T>::new(descr, Box::new(pages))
            .read_records(rows, None, None, &mut out)
            .map_err(|e| read_error(&self.path, &e))?;
        Ok(out)
    }
}

fn read_error(path: &Path, error: &ParquetError) -> Error {
    if let ParquetError::External(source) = error
        && let Some(io) = source.downcast_ref::<std::io::Error>()
        && io.kind() != std::io::ErrorKind::UnexpectedEof
    {
        return super::disk::io_error(path, io.kind().into());
    }
    Error::Corrupt { path: path.display().to_string(), what: error.to_string() }
}
