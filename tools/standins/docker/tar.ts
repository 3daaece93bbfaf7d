const BLOCK = 512;

/**
 * A tar archive (ustar) with one regular file, owned by root. Longer paths than 100 bytes are refused; the uploads of
 * this project have short ones.
 */
export function oneFileTar(path: string, content: Buffer, mode: number): Buffer {
  if (Buffer.byteLength(path) > 100) throw new Error(`upload path is longer than 100 bytes: ${path}`);
  const header = Buffer.alloc(BLOCK);
  const octal = (value: number, offset: number, length: number) =>
    header.write(`${value.toString(8).padStart(length - 1, "0")}\0`, offset, "latin1");
  header.write(path, 0, "utf8");
  octal(mode, 100, 8);
  octal(0, 108, 8);
  octal(0, 116, 8);
  octal(content.length, 124, 12);
  octal(Math.floor(Date.now() / 1000), 136, 12);
  header.write("        0", 148, "latin1"); // the sum counts its own field as blanks; then the type: a file
  header.write("ustar\x0000", 257, "latin1");
  const sum = header.reduce((total, byte) => total + byte, 0);
  header.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148, "latin1");
  const padding = Buffer.alloc((BLOCK - (content.length % BLOCK)) % BLOCK);
  return Buffer.concat([header, content, padding, Buffer.alloc(2 * BLOCK)]);
}
