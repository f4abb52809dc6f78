// What a file's bytes say: text in the encoding that they show, or no text at all. Pure.

export type Cut = { start: boolean; end: boolean };
/** `encoding` is named where it isn't UTF-8. */
export type FileText = { text: string; encoding: string | null };

const MAGIC: [number[], string][] = [
  [[0x1f, 0x8b], 'compressed (gzip)'],
  [[0x50, 0x4b, 0x03, 0x04], 'a zip archive'],
  [[0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59], 'a NumPy array'],
  [[0x80, 0x02], 'a Python pickle'],
  [[0x80, 0x03], 'a Python pickle'],
  [[0x80, 0x04], 'a Python pickle'],
  [[0x80, 0x05], 'a Python pickle'],
  [[0x28, 0xb5, 0x2f, 0xfd], 'compressed (zstd)'],
  [[0x42, 0x5a, 0x68], 'compressed (bzip2)'],
  [[0xfd, 0x37, 0x7a, 0x58, 0x5a], 'compressed (xz)'],
  [[0x89, 0x48, 0x44, 0x46], 'an HDF5 file'],
  [[0x7f, 0x45, 0x4c, 0x46], 'a program (ELF)'],
  [[0x50, 0x41, 0x52, 0x31], 'a Parquet file'],
];

/** What a file without text is, by how it begins; null where that says nothing. */
export const binaryKind = (bytes: Uint8Array): string | null => MAGIC.find(([magic]) => magic.every((byte, at) => bytes[at] === byte))?.[1] ?? null;

/** Control characters but those that texts are laid out, and terminals coloured, with. */
const CONTROLS = /[\u0000-\u0006\u000e-\u001a\u001c-\u001f\u007f]/g;
/** A log may hold a stray one. */
const MOST_CONTROLS = 0.002;

function tryDecode(bytes: Uint8Array, encoding: string): string | null {
  try {
    return new TextDecoder(encoding, { fatal: true }).decode(bytes);
  } catch {
    return null;
  }
}

/** Without the characters that a cut went through. */
function wholeCharacters(bytes: Uint8Array, cut: Cut): Uint8Array {
  let start = 0;
  let end = bytes.length;
  if (cut.start) while (start < 3 && start < end && (bytes[start]! & 0xc0) === 0x80) start += 1;
  if (cut.end) {
    let lead = end - 1;
    while (lead > end - 4 && lead > start && (bytes[lead]! & 0xc0) === 0x80) lead -= 1;
    const byte = bytes[lead] ?? 0;
    const length = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : byte >= 0xc0 ? 2 : 1;
    if (lead >= start && lead + length > end) end = lead;
  }
  return bytes.subarray(start, end);
}

/** `from`: where in the file the bytes begin, since UTF-16 has two to a unit. */
function asUtf16(bytes: Uint8Array, from: number, head: Uint8Array): FileText | null {
  const marked = head[0] === 0xff && head[1] === 0xfe ? 'utf-16le' : head[0] === 0xfe && head[1] === 0xff ? 'utf-16be' : null;
  const even = bytes.subarray(from % 2, bytes.length - ((bytes.length - (from % 2)) % 2));
  const zeros = [0, 0];
  for (let at = 0; at < even.length; at += 1) if (even[at] === 0) zeros[at % 2]! += 1;
  // Without a mark: texts of Latin letters have a zero in nearly every unit, always in the same half.
  const units = even.length / 2;
  const guess =
    units >= 2 && zeros[1]! > units * 0.4 && zeros[0] === 0
      ? 'utf-16le'
      : units >= 2 && zeros[0]! > units * 0.4 && zeros[1] === 0
        ? 'utf-16be'
        : null;
  const encoding = marked ?? guess;
  if (!encoding) return null;
  const text = new TextDecoder(encoding).decode(even);
  return (text.match(CONTROLS)?.length ?? 0) <= text.length * MOST_CONTROLS ? { text, encoding: encoding.toUpperCase() } : null;
}

type Part = { cut?: Cut; from?: number; head?: Uint8Array };

/** Null for what is no text. Marks of the encoding are not part of it. `from`: where in the file the bytes begin; `head`: how the file does. */
export function textOf(bytes: Uint8Array, { cut = { start: false, end: false }, from = 0, head = bytes }: Part = {}): FileText | null {
  const wide = asUtf16(bytes, from, head);
  if (wide) return wide;
  if (binaryKind(head)) return null;
  const utf8 = tryDecode(wholeCharacters(bytes, cut), 'utf-8');
  const text = utf8 ?? new TextDecoder('windows-1252').decode(bytes);
  if (text.includes('\0') || (text.match(CONTROLS)?.length ?? 0) > text.length * MOST_CONTROLS) return null;
  if (utf8 !== null) return { text, encoding: null };
  // C1 has no letters: what would be read as them is no text of that encoding.
  return /[\u0080-\u009f]/.test(text) ? null : { text, encoding: 'Windows-1252 (Latin-1)' };
}

/** The line at a cut may be broken; it is left out, unless it is most of what there is. */
export function wholeLines(text: string, cut: Cut): string {
  let whole = text;
  if (cut.start) {
    const at = whole.indexOf('\n') + 1;
    whole = at > 0 && whole.length - at >= whole.length / 2 ? whole.slice(at) : `…${whole}`;
  }
  if (cut.end) {
    const at = whole.lastIndexOf('\n') + 1;
    whole = at >= whole.length / 2 && at > 0 ? whole.slice(0, at) : `${whole}…`;
  }
  return whole;
}
