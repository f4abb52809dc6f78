// The stages of a version, and what is promoted.

export const stageName = (stage: string): string => stage.slice(0, 1) + stage.slice(1).toLowerCase();

export type Of = { name: string; version: number; aliases: string[] };
