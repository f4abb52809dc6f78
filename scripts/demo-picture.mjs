// Draws square pictures as PNG, without a library.
import * as zlib from 'node:zlib';

const TABLE = Int32Array.from({ length: 256 }, (_, n) => {
  let c = n;
  for (let bit = 0; bit < 8; bit += 1) c = c & 1 ? 0xedb88320 ^ (c >>> 1) : c >>> 1;
  return c;
});

/** Node has its own since 22.2 and 20.15. */
const sumOf = (bytes) => (zlib.crc32 ? zlib.crc32(bytes) : (bytes.reduce((c, byte) => TABLE[(c ^ byte) & 255] ^ (c >>> 8), -1) ^ -1) >>> 0);

/** `colourAt(x, y)`: red, green and blue, 0 to 255. */
export function drawn(side, colourAt) {
  const rows = Buffer.alloc(side * (1 + side * 3));
  for (let y = 0; y < side; y += 1) for (let x = 0; x < side; x += 1) rows.set(colourAt(x, y), y * (1 + side * 3) + 1 + x * 3);
  const chunk = (name, data) => {
    const body = Buffer.concat([Buffer.from(name), data]);
    const [size, sum] = [Buffer.alloc(4), Buffer.alloc(4)];
    size.writeUInt32BE(data.length);
    sum.writeUInt32BE(sumOf(body));
    return Buffer.concat([size, body, sum]);
  };
  const head = Buffer.alloc(13);
  head.writeUInt32BE(side, 0);
  head.writeUInt32BE(side, 4);
  head.set([8, 2, 0, 0, 0], 8);
  const signature = Buffer.from([137, 80, 78, 71, 13, 10, 26, 10]);
  return Buffer.concat([signature, chunk('IHDR', head), chunk('IDAT', zlib.deflateSync(rows)), chunk('IEND', Buffer.alloc(0))]);
}
