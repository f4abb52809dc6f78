// 64-bit integers, which JavaScript's numbers hold only up to 2^53.

/** A number where it is exact, else a bigint. json.ts prints it as digits. */
export type Long = number | bigint;

export const parseLong = (text: string): Long => {
  const number = Number(text);
  return Number.isSafeInteger(number) ? number : BigInt(text);
};

/** The same number in the shorter form, where it has one. */
export const shortLong = (long: Long): Long => {
  const number = Number(long);
  return Number.isSafeInteger(number) ? number : BigInt(long);
};
