/**
 * A column of values as PostgreSQL takes an array in its own binary form. Spelt out as text, each quotation mark and byte would
 * be written twice here and read one by one there.
 */

/** PostgreSQL's numbers of these types. They are the same in every version. */
const typeIds = { text: 25, bytea: 17, bigint: 20, int: 23, float8: 701 } as const;

export type ElementType = keyof typeof typeIds;

/** Dimensions, whether there may be nulls, the type, how many, the number of the first. */
const headBytes = 20;
const lengthBytes = 4;
/** Bytes of UTF-8 that one unit of a string can take at most. */
const unitBytesMax = 3;

/** The array as the driver sends it. A null or undefined value is null; numbers are whole where the type is. */
export function arrayOf(type: ElementType, values: readonly unknown[]): Buffer {
  let bytesMax = headBytes;
  for (const value of values) bytesMax += lengthBytes + valueBytesMax(value);
  const bytes = Buffer.allocUnsafe(bytesMax);
  bytes.writeInt32BE(values.length === 0 ? 0 : 1, 0);
  bytes.writeInt32BE(1, 4);
  bytes.writeInt32BE(typeIds[type], 8);
  bytes.writeInt32BE(values.length, 12);
  bytes.writeInt32BE(1, 16);
  let at = values.length === 0 ? 12 : headBytes;
  for (const value of values) {
    const length = value === null || value === undefined ? -1 : writeValue(bytes, at + lengthBytes, { type, value });
    bytes.writeInt32BE(length, at);
    at += lengthBytes + Math.max(0, length);
  }
  return bytes.subarray(0, at);
}

function valueBytesMax(value: unknown): number {
  if (typeof value === 'string') return value.length * unitBytesMax;
  return value instanceof Uint8Array ? value.length : 8;
}

/** Writes a value and gives its length in bytes. */
function writeValue(bytes: Buffer, at: number, { type, value }: { type: ElementType; value: unknown }): number {
  switch (type) {
    case 'text':
      return bytes.write(String(value), at);
    case 'bytea':
      bytes.set(value as Uint8Array, at);
      return (value as Uint8Array).length;
    case 'bigint':
      bytes.writeBigInt64BE(BigInt(value as number), at);
      return 8;
    case 'int':
      bytes.writeInt32BE(Number(value), at);
      return 4;
    case 'float8':
      bytes.writeDoubleBE(Number(value), at);
      return 8;
  }
}
