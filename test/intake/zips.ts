/** Zips as no honest packer writes them: the entries of a central directory and their bytes, one by one. */
import { crc32, deflateRawSync } from "node:zlib";

export interface ZipEntry {
  readonly name: string | Buffer;
  readonly bytes?: Buffer;
  /** As the headers say; absent: as it is. */
  readonly says_bytes?: number;
  readonly says_crc?: number;
  readonly method?: number;
  readonly flags?: number;
  /** Unix mode with the file type; absent: made by a system without modes. */
  readonly mode?: number;
  /** The system that made it, if it is not Unix. */
  readonly made_by?: number;
}

export function zipOfEntries(entries: readonly ZipEntry[]): Buffer {
  const locals: Buffer[] = [];
  const centrals: Buffer[] = [];
  let offset = 0;
  for (const entry of entries) {
    const name = Buffer.from(entry.name);
    const bytes = entry.bytes ?? Buffer.alloc(0);
    const method = entry.method ?? 8;
    const packed = method === 8 ? deflateRawSync(bytes) : bytes;
    const facts = { name, packed, method, size: entry.says_bytes ?? bytes.length };
    const crc = entry.says_crc ?? crc32(bytes);
    const flags = entry.flags ?? 0x800;
    const local = Buffer.concat([localHeader(facts, crc, flags), name, packed]);
    centrals.push(centralHeader(facts, crc, flags, entry, offset), name);
    locals.push(local);
    offset += local.length;
  }
  const central = Buffer.concat(centrals);
  return Buffer.concat([...locals, central, endRecord(entries.length, central.length, offset)]);
}

interface Facts {
  readonly name: Buffer;
  readonly packed: Buffer;
  readonly method: number;
  readonly size: number;
}

function localHeader({ name, packed, method, size }: Facts, crc: number, flags: number): Buffer {
  const header = Buffer.alloc(30);
  header.writeUInt32LE(0x04034b50, 0);
  header.writeUInt16LE(20, 4);
  header.writeUInt16LE(flags, 6);
  header.writeUInt16LE(method, 8);
  header.writeUInt32LE(crc, 14);
  header.writeUInt32LE(packed.length, 18);
  header.writeUInt32LE(size, 22);
  header.writeUInt16LE(name.length, 26);
  return header;
}

function centralHeader(
  { name, packed, method, size }: Facts,
  crc: number,
  flags: number,
  { mode, made_by = 3 }: ZipEntry,
  offset: number,
): Buffer {
  const header = Buffer.alloc(46);
  header.writeUInt32LE(0x02014b50, 0);
  header.writeUInt16LE(mode === undefined ? 20 : (made_by << 8) | 20, 4);
  header.writeUInt16LE(20, 6);
  header.writeUInt16LE(flags, 8);
  header.writeUInt16LE(method, 10);
  header.writeUInt32LE(crc, 16);
  header.writeUInt32LE(packed.length, 20);
  header.writeUInt32LE(size, 24);
  header.writeUInt16LE(name.length, 28);
  header.writeUInt32LE(((mode ?? 0) << 16) >>> 0, 38);
  header.writeUInt32LE(offset, 42);
  return header;
}

function endRecord(count: number, bytes: number, offset: number): Buffer {
  const record = Buffer.alloc(22);
  record.writeUInt32LE(0x06054b50, 0);
  record.writeUInt16LE(count, 8);
  record.writeUInt16LE(count, 10);
  record.writeUInt32LE(bytes, 12);
  record.writeUInt32LE(offset, 16);
  return record;
}
