// The head of a Parquet file as a table. Reads its footer and the first pages of each column by ranges, so that a large file costs little.
// Loaded when the first such file is looked at.
import { useQuery } from '@tanstack/react-query';
import clsx from 'clsx';
import { type AsyncBuffer, type Compressors, type FileMetaData, parquetMetadataAsync, parquetRead, parquetSchema } from 'hyparquet';
import { decompressBrotli, decompressGzip, decompressLz4, decompressLz4Raw, decompressZstd } from 'hyparquet-compressors';
import { queryKeys } from '../../api/query-keys.ts';
import { bytes, count, plural } from '../../format.ts';
import { isoOf } from '../../times.ts';
import { ErrorState, Rows } from '../../ui/feedback/states.tsx';
import artifactsCss from '../artifacts/artifacts.module.css';
import { readRange } from '../artifacts/read-file.ts';
import { stringifyLoosely } from './loose-json.ts';
import { DataTable } from './preview-table.tsx';

const MAX_ROWS = 200;
const MAX_COLUMNS = 40;
const AT_ONCE = 6;
/** How much of a column is read until it has given its first rows: one try after the other. */
const TRIES = [256 * 1024, 2 * 1024 * 1024, 8 * 1024 * 1024];
/** Snappy is built in; the packaged one is WebAssembly, which the page's policy forbids. */
const compressors: Compressors = {
  BROTLI: decompressBrotli,
  GZIP: (input, length) => decompressGzip(input, length),
  LZ4: decompressLz4,
  LZ4_RAW: decompressLz4Raw,
  ZSTD: (input) => decompressZstd(input),
};

type Head = { columns: { name: string; type: string }[]; cells: string[][]; rows: number; columnCount: number; groups: number; read: number };

function show(value: unknown, type: string): string {
  if (value === null || value === undefined) return '';
  if (value instanceof Date) {
    const iso = isoOf(value.getTime());
    if (iso === null) return 'outside every calendar';
    return type === 'date' ? iso.split('T')[0]! : iso.replace('.000Z', 'Z');
  }
  if (value instanceof Uint8Array) return `${value.length} bytes`;
  if (typeof value === 'number' && /^(double|float)/.test(type) && Number.isInteger(value) && Math.abs(value) < 1e15) return value.toFixed(1);
  if (typeof value !== 'object') return String(value);
  return stringifyLoosely(value) ?? '';
}

const typeOf = ({
  logical_type: logical,
  converted_type: converted,
  type,
}: {
  logical_type?: { type: string };
  converted_type?: string;
  type?: string;
}) => (logical?.type ?? converted ?? type ?? 'group').toLowerCase().replaceAll('_', ' ');

/** A column's first values. Less of the file than the column takes up is read, unless its pages are larger. */
async function readColumn(file: AsyncBuffer, metadata: FileMetaData, column: string, rowEnd: number): Promise<unknown[] | null> {
  for (const most of TRIES) {
    let found: unknown[] = [];
    const cut: AsyncBuffer = { byteLength: file.byteLength, slice: (start, end = file.byteLength) => file.slice(start, Math.min(end, start + most)) };
    try {
      await parquetRead({
        file: cut,
        metadata,
        columns: [column],
        rowEnd,
        compressors,
        onComplete: (rows: unknown[][]) => {
          found = rows.map(([value]) => value);
        },
      });
      if (found.length >= rowEnd) return found;
    } catch (error) {
      // A page that ends behind what was read.
      if (!(error instanceof RangeError)) throw error;
    }
  }
  return null;
}

async function readHead(url: string, size: number, signal: AbortSignal): Promise<Head> {
  let read = 0;
  const file: AsyncBuffer = {
    byteLength: size,
    slice: async (start, end = size) => {
      const part = await (await readRange(url, start, end, signal)).arrayBuffer();
      read += part.byteLength;
      return part;
    },
  };
  const metadata = await parquetMetadataAsync(file, { initialFetchSize: Math.min(size, 64 * 1024) });
  const all = parquetSchema(metadata).children.map(({ element }) => element);
  const shown = all.slice(0, MAX_COLUMNS);
  const rows = Number(metadata.num_rows);
  // Over the end of the first row group would be another range for each column.
  const rowEnd = Math.min(MAX_ROWS, rows, Number(metadata.row_groups[0]?.num_rows ?? 0));
  const values: (unknown[] | null)[] = [];
  let next = 0;
  const work = async () => {
    for (let at = next++; at < shown.length; at = next++) values[at] = rowEnd > 0 ? await readColumn(file, metadata, shown[at]!.name, rowEnd) : [];
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  const columns = shown.map((element) => ({ name: element.name, type: typeOf(element) }));
  return {
    columns,
    cells: Array.from({ length: rowEnd }, (_, row) => shown.map((_, at) => (values[at] ? show(values[at]![row], columns[at]!.type) : '…'))),
    rows,
    columnCount: all.length,
    groups: metadata.row_groups.length,
    read,
  };
}

export function ParquetTable({ url, size }: { url: string; size: number }) {
  const head = useQuery({
    queryKey: queryKeys.parquet(url, size),
    staleTime: Number.POSITIVE_INFINITY,
    retry: false,
    queryFn: ({ signal }) => readHead(url, size, signal),
  });
  if (head.error) return <ErrorState error={head.error} again={() => void head.refetch()} />;
  if (!head.data) return <Rows count={10} />;
  const { columns, cells, rows, columnCount, groups, read } = head.data;
  const cut = [
    cells.length < rows ? `The first ${count(cells.length)} rows. ` : '',
    columns.length < columnCount ? `The first ${columns.length} columns. ` : '',
  ].join('');
  return (
    <>
      <p className={clsx(artifactsCss.previewNote, 'dim')} data-read={read}>
        {plural(rows, 'row')}, {plural(columnCount, 'column')}, {plural(groups, 'row group')}. {cut}
        {read < size && `Read ${bytes(read)} of ${bytes(size)}.`}
      </p>
      <DataTable head={columns} body={cells} note={null} />
    </>
  );
}
