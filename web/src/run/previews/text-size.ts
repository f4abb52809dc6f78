// How much of a text is read at once.

export const TEXT_BYTES = 256 * 1024;
