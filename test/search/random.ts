// Pseudo-random numbers.
/** A small generator of pseudo-random numbers (mulberry32): the same seed, the same test. */
export function randomFrom(seed: number) {
  let state = seed;
  const next = () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
  const int = (below: number) => Math.floor(next() * below);
  return { chance: (probability: number) => next() < probability, int, pick: <T>(from: readonly T[]): T => from[int(from.length)]! };
}
export type Random = ReturnType<typeof randomFrom>;
