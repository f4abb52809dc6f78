// The files beside a model that say what it is: MLmodel, its environment, its input example. Read with a bound, parsed with care: clients wrote them.
import { parse } from 'yaml';
import type { TeamCtx } from '../../context.ts';
import { AppError } from '../../lib/errors.ts';
import { openFile, readModelFile, versionFile } from '../artifacts/files.ts';

export const MAX_MODEL_FILE = 1024 * 1024;

/** What an `MLmodel` file says; every part may be missing or nonsense in it, and is empty here then. */
export type ModelDescription = {
  flavors: { name: string; config: Record<string, unknown> }[];
  signature: { inputs: unknown; outputs: unknown; params: unknown } | null;
  /** The example's file beside the MLmodel. */
  examplePath: string | null;
  sizeBytes: number | null;
};

const NOTHING: ModelDescription = { flavors: [], signature: null, examplePath: null, sizeBytes: null };

const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null && !Array.isArray(value);

/** Signatures hold JSON as text. */
function readJsonText(value: unknown): unknown {
  if (typeof value !== 'string') return null;
  try {
    return JSON.parse(value);
  } catch {
    return null;
  }
}

export function describeModel(text: string): ModelDescription {
  let read: unknown;
  try {
    // Aliases are bounded: a file of a few hundred bytes could otherwise stand for gigabytes.
    read = parse(text, { maxAliasCount: 50, logLevel: 'silent', prettyErrors: false });
  } catch {
    return NOTHING;
  }
  if (!isRecord(read)) return NOTHING;
  const { flavors, signature, saved_input_example_info: example, model_size_bytes: size } = read;
  const config = (value: unknown) => (isRecord(value) ? value : {});
  const examplePath = isRecord(example) && typeof example.artifact_path === 'string' ? example.artifact_path : null;
  return {
    flavors: isRecord(flavors) ? Object.entries(flavors).map(([name, value]) => ({ name, config: config(value) })) : [],
    signature: isRecord(signature)
      ? { inputs: readJsonText(signature.inputs), outputs: readJsonText(signature.outputs), params: readJsonText(signature.params) }
      : null,
    examplePath,
    sizeBytes: typeof size === 'number' && Number.isSafeInteger(size) ? size : null,
  };
}

/** Null for what isn't there, is over 1 MiB, has an impossible path, or is kept where this server doesn't serve. */
async function readable(read: Promise<Buffer | null>): Promise<string | null> {
  try {
    return (await read)?.toString('utf8') ?? null;
  } catch (error) {
    if (error instanceof AppError && error.code !== 'INTERNAL' && error.code !== 'FORBIDDEN') return null;
    throw error;
  }
}

/** A text file of a logged model (`m-…`). */
export const readModelText = (ctx: TeamCtx, modelId: string, path: string): Promise<string | null> =>
  readable(readModelFile(ctx, modelId, path, MAX_MODEL_FILE));

export async function describeLoggedModel(ctx: TeamCtx, modelId: string): Promise<ModelDescription> {
  const text = await readModelText(ctx, modelId, 'MLmodel');
  return text === null ? NOTHING : describeModel(text);
}

export async function describeVersion(ctx: TeamCtx, name: string, version: number): Promise<ModelDescription> {
  const text = await readable(readVersionFile(ctx, name, version));
  return text === null ? NOTHING : describeModel(text);
}

async function readVersionFile(ctx: TeamCtx, name: string, version: number): Promise<Buffer | null> {
  const file = await openFile(ctx, await versionFile(ctx, name, String(version), 'MLmodel'));
  if (file.size > MAX_MODEL_FILE) {
    file.body.destroy();
    return null;
  }
  const chunks: Buffer[] = [];
  for await (const chunk of file.body) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

/** The input example as JSON; null when there is none, or it isn't JSON. */
export async function readInputExample(ctx: TeamCtx, modelId: string, description: ModelDescription): Promise<unknown> {
  return description.examplePath === null ? null : readJsonText(await readModelText(ctx, modelId, description.examplePath));
}
