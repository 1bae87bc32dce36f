// A QR code (ISO/IEC 18004), bytes at error correction level M, in the versions that an otpauth address needs. The mask is
// always number 0: every reader takes any, the choice only helps with unlucky patterns.

interface Version {
  /** Words of error correction a block, and the words of data of each block. */
  correction: number;
  blocks: readonly number[];
  /** The middle of the alignment pattern at the far corner; the others follow from the list. */
  centres: readonly number[];
}

/** Versions 4 to 10 at level M, from the standard's tables 9 and E.1. */
const VERSIONS: Readonly<Record<number, Version>> = {
  4: { correction: 18, blocks: [32, 32], centres: [6, 26] },
  5: { correction: 24, blocks: [43, 43], centres: [6, 30] },
  6: { correction: 16, blocks: [27, 27, 27, 27], centres: [6, 34] },
  7: { correction: 18, blocks: [31, 31, 31, 31], centres: [6, 22, 38] },
  8: { correction: 22, blocks: [38, 38, 39, 39], centres: [6, 24, 42] },
  9: { correction: 22, blocks: [36, 36, 36, 37, 37], centres: [6, 26, 46] },
  10: { correction: 26, blocks: [43, 43, 43, 43, 44], centres: [6, 28, 50] },
};

// Arithmetic in GF(256) modulo x^8 + x^4 + x^3 + x^2 + 1.
const EXP = new Uint8Array(512);
const LOG = new Uint8Array(256);
for (let i = 0, x = 1; i < 255; i += 1) {
  EXP[i] = x;
  EXP[i + 255] = x;
  LOG[x] = i;
  x = x & 0x80 ? (x << 1) ^ 0x11d : x << 1;
}

function times(a: number, b: number): number {
  return a === 0 || b === 0 ? 0 : (EXP[(LOG[a] ?? 0) + (LOG[b] ?? 0)] ?? 0);
}

function generator(degree: number): Uint8Array {
  let result: Uint8Array = Uint8Array.of(1);
  for (let i = 0; i < degree; i += 1) {
    const next = new Uint8Array(result.length + 1);
    result.forEach((factor, at) => {
      next[at] = (next[at] ?? 0) ^ factor;
      next[at + 1] = (next[at + 1] ?? 0) ^ times(factor, EXP[i] ?? 0);
    });
    result = next;
  }
  return result;
}

/** The remainder of the data, shifted by the degree, modulo the generator (Reed-Solomon). */
export function correctionOf(data: Uint8Array, degree: number): Uint8Array {
  const factors = generator(degree);
  const rest = new Uint8Array(data.length + degree);
  rest.set(data);
  for (let i = 0; i < data.length; i += 1) {
    const lead = rest[i] ?? 0;
    factors.forEach((factor, at) => {
      rest[i + at] = (rest[i + at] ?? 0) ^ times(factor, lead);
    });
  }
  return rest.slice(data.length);
}

function dataWords(bytes: Uint8Array, number: number, capacity: number): Uint8Array {
  const bits: number[] = [];
  const put = (value: number, width: number) => {
    for (let i = width - 1; i >= 0; i -= 1) bits.push((value >> i) & 1);
  };
  put(0b0100, 4);
  put(bytes.length, number < 10 ? 8 : 16);
  for (const byte of bytes) put(byte, 8);
  put(0, Math.min(4, capacity * 8 - bits.length));
  put(0, (8 - (bits.length % 8)) % 8);
  const words = new Uint8Array(capacity);
  for (let i = 0; i < capacity; i += 1) {
    if (i * 8 < bits.length) words[i] = Number.parseInt(bits.slice(i * 8, i * 8 + 8).join(""), 2);
    else words[i] = (i - bits.length / 8) % 2 === 0 ? 0xec : 0x11;
  }
  return words;
}

function interleaved(words: Uint8Array, version: Version): number[] {
  let at = 0;
  const data = version.blocks.map((size) => {
    at += size;
    return words.slice(at - size, at);
  });
  const correction = data.map((block) => correctionOf(block, version.correction));
  const out: number[] = [];
  for (const group of [data, correction]) {
    const longest = Math.max(...group.map((block) => block.length));
    for (let i = 0; i < longest; i += 1) for (const block of group) if (i < block.length) out.push(block[i] ?? 0);
  }
  return out;
}

/** 15 bits about level M and mask 0, 18 bits about the version: BCH codes of the standard. */
const FORMAT = 0b101010000010010;

export function versionBits(number: number): number {
  let rest = number;
  for (let i = 0; i < 12; i += 1) rest = (rest << 1) ^ ((rest >> 11) * 0x1f25);
  return (number << 12) | rest;
}

class Grid {
  readonly size: number;
  readonly dark: boolean[][];
  private readonly fixed: boolean[][];

  constructor(number: number, version: Version) {
    this.size = number * 4 + 17;
    const rows = () => Array.from({ length: this.size }, () => Array<boolean>(this.size).fill(false));
    this.dark = rows();
    this.fixed = rows();
    this.timing();
    for (const [x, y] of [
      [3, 3],
      [this.size - 4, 3],
      [3, this.size - 4],
    ] as const)
      this.square(x, y, 4, (ring) => ring !== 2 && ring !== 4);
    this.alignment(version.centres);
    this.format();
    if (number >= 7) this.version(versionBits(number));
  }

  private set(x: number, y: number, dark: boolean): void {
    const row = this.dark[y];
    const marks = this.fixed[y];
    if (!row || !marks || x < 0 || x >= this.size) return;
    row[x] = dark;
    marks[x] = true;
  }

  private square(x: number, y: number, reach: number, isDark: (ring: number) => boolean): void {
    for (let dy = -reach; dy <= reach; dy += 1)
      for (let dx = -reach; dx <= reach; dx += 1)
        this.set(x + dx, y + dy, isDark(Math.max(Math.abs(dx), Math.abs(dy))));
  }

  private timing(): void {
    for (let i = 0; i < this.size; i += 1) {
      this.set(6, i, i % 2 === 0);
      this.set(i, 6, i % 2 === 0);
    }
  }

  private alignment(centres: readonly number[]): void {
    const last = centres.length - 1;
    centres.forEach((y, row) => {
      centres.forEach((x, column) => {
        const corner = (row === 0 && (column === 0 || column === last)) || (row === last && column === 0);
        if (!corner) this.square(x, y, 2, (ring) => ring !== 1);
      });
    });
  }

  private format(): void {
    const bit = (i: number) => ((FORMAT >> i) & 1) === 1;
    for (let i = 0; i < 15; i += 1) {
      const near = i < 6 ? i : i < 8 ? i + 1 : 0;
      if (i < 8) this.set(8, near, bit(i));
      else this.set(i === 8 ? 7 : 14 - i, 8, bit(i));
      if (i < 8) this.set(this.size - 1 - i, 8, bit(i));
      else this.set(8, this.size - 15 + i, bit(i));
    }
    this.set(8, this.size - 8, true);
  }

  private version(bits: number): void {
    for (let i = 0; i < 18; i += 1) {
      const dark = ((bits >> i) & 1) === 1;
      const far = this.size - 11 + (i % 3);
      this.set(far, Math.floor(i / 3), dark);
      this.set(Math.floor(i / 3), far, dark);
    }
  }

  /** From the lower right corner in columns of two, up and down in turn, leaving out what is fixed. */
  fill(words: readonly number[]): void {
    let at = 0;
    for (let right = this.size - 1; right >= 1; right -= 2) {
      if (right === 6) right = 5;
      const upward = ((right + 1) & 2) === 0;
      for (let step = 0; step < this.size; step += 1) {
        const y = upward ? this.size - 1 - step : step;
        for (const x of [right, right - 1]) {
          if (this.fixed[y]?.[x]) continue;
          const bit = ((words[at >> 3] ?? 0) >> (7 - (at & 7))) & 1;
          const row = this.dark[y];
          if (row) row[x] = (bit === 1) !== ((x + y) % 2 === 0);
          at += 1;
        }
      }
    }
  }
}

/** Rows of modules, true is dark; null: the text is too long. */
export function qrModules(text: string): boolean[][] | null {
  const bytes = new TextEncoder().encode(text);
  for (const [name, version] of Object.entries(VERSIONS)) {
    const number = Number(name);
    const capacity = version.blocks.reduce((sum, size) => sum + size, 0);
    if (bytes.length + (number < 10 ? 2 : 3) > capacity) continue;
    const grid = new Grid(number, version);
    grid.fill(interleaved(dataWords(bytes, number, capacity), version));
    return grid.dark;
  }
  return null;
}
