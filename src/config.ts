// The only reader of process.env. Prints every fault at once and stops, so that an operator fixes them in one go.
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { z } from 'zod';
import { parseDuration } from './lib/duration.ts';
import { parseOrigins, parseTrust, type TrustedProxies } from './lib/proxies.ts';
import { weaknessOf } from './lib/weakSecrets.ts';

const bytes = (fallback: number) => z.coerce.number().int().positive().default(fallback);

const schema = z.object({
  RUNLEDGER_HOST: z.string().default('127.0.0.1'),
  RUNLEDGER_PORT: z.coerce.number().int().min(0).max(65535).default(5000),
  RUNLEDGER_PUBLIC_URL: z.url({ protocol: /^https?$/, error: 'must be an http(s) address' }).optional(),
  RUNLEDGER_TRUST_PROXY: z
    .string()
    .refine((text) => parseTrust(text) !== undefined, 'must be a number of proxies (1), or their addresses: 10.0.0.5, 10.0.0.0/8, loopback')
    .optional(),
  RUNLEDGER_CORS_ORIGINS: z
    .string()
    .refine((text) => parseOrigins(text) !== undefined, 'must be origins like https://dash.example.com, with commas between, or * alone')
    .optional(),
  RUNLEDGER_WORKERS: z.coerce.number().int().min(1).max(64).default(1),
  RUNLEDGER_DATA_DIR: z.string().min(1).default('.runledger'),
  DATABASE_URL: z.url({ protocol: /^postgres(ql)?$/, error: 'must be a postgres:// address' }).optional(),
  RUNLEDGER_LISTEN_DATABASE_URL: z.url({ protocol: /^postgres(ql)?$/, error: 'must be a postgres:// address' }).optional(),
  RUNLEDGER_DATABASE_PREPARE: z.enum(['on', 'off']).default('on'),
  RUNLEDGER_DATABASE_POOL: z.coerce.number().int().min(2).max(200).default(10),
  RUNLEDGER_ARTIFACTS: z
    .string()
    .regex(/^(file:\/\/\/.+|s3:\/\/[^/]+.*)$/, 'must be file:///path or s3://bucket/prefix')
    .optional(),
  RUNLEDGER_ARTIFACT_REDIRECT: z.enum(['on', 'off']).default('off'),
  RUNLEDGER_ADMIN_EMAIL: z.email().optional(),
  RUNLEDGER_ADMIN_PASSWORD: z.string().optional(),
  RUNLEDGER_ADMIN_TOKEN: z
    .string()
    .regex(/^[A-Za-z0-9]{40}$/, 'must be exactly 40 letters and digits')
    .optional(),
  RUNLEDGER_JWT_SECRET: z.string().optional(),
  RUNLEDGER_GC_AFTER: z
    .string()
    .refine((text) => (parseDuration(text) ?? 0) >= 3_600_000, 'must be a length of time of at least 1h, like 30d or 12h')
    .optional(),
  RUNLEDGER_LOG: z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent']).default('info'),
  RUNLEDGER_MAX_BODY_BYTES: bytes(32 * 1024 * 1024),
  RUNLEDGER_WEBHOOK_ALLOW_PRIVATE: z.enum(['on', 'off']).default('off'),
  AWS_ENDPOINT_URL_S3: z.string().optional(),
  AWS_ENDPOINT_URL: z.string().optional(),
  AWS_REGION: z.string().optional(),
});

export type Config = {
  host: string;
  port: number;
  publicUrl: string | undefined;
  /** Whether somebody configured it; else it is where the server listens. */
  publicUrlGiven: boolean;
  /** Whose X-Forwarded- headers are believed. */
  trustProxy: TrustedProxies;
  /** Whose pages may ask in a browser; `*` alone = everybody's. */
  corsOrigins: string[];
  /** Processes that serve; 1 = this one. */
  workers: number;
  dataDir: string;
  databaseUrl: string | undefined;
  /** A direct connection where `databaseUrl` leads to a pooler: for LISTEN and migrations. */
  listenDatabaseUrl: string | undefined;
  /** False: statements have no names, for poolers that give each to another connection. */
  databasePrepare: boolean;
  databasePool: number;
  artifacts: string;
  artifactRedirect: boolean;
  adminEmail: string | undefined;
  adminPassword: string | undefined;
  adminToken: string | undefined;
  jwtSecrets: string[];
  /** How long what was deleted can be restored, in milliseconds; undefined = forever. */
  gcAfterMs: number | undefined;
  logLevel: string;
  maxBodyBytes: number;
  webhookAllowPrivate: boolean;
  s3: { endpoint: string | undefined; region: string | undefined };
};

export class ConfigError extends Error {}

/** Reads the configuration table of README.md; throws ConfigError naming every variable at fault. Empty values count as unset. */
export function readConfig(env: Record<string, string | undefined> = process.env): Config {
  const set = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== undefined && value !== ''));
  const parsed = schema.safeParse(set);
  const faults = parsed.success ? [] : parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`);
  const secrets = (set.RUNLEDGER_JWT_SECRET ?? '')
    .split(',')
    .map((secret) => secret.trim())
    .filter(Boolean);
  if (secrets.some((secret) => secret.length < 32)) faults.push('RUNLEDGER_JWT_SECRET: each secret must have at least 32 characters');
  for (const weakness of new Set(secrets.map(weaknessOf))) {
    if (weakness)
      faults.push(`RUNLEDGER_JWT_SECRET: one of its secrets ${weakness}, so anybody could sign in with it. Make one with: openssl rand -hex 32`);
  }
  if (set.RUNLEDGER_ADMIN_TOKEN && /change.?me/i.test(set.RUNLEDGER_ADMIN_TOKEN))
    faults.push('RUNLEDGER_ADMIN_TOKEN: is a placeholder from an example. Leave it out: one is made and shown.');
  if (set.DATABASE_URL && secrets.length === 0) {
    faults.push('RUNLEDGER_JWT_SECRET: required with DATABASE_URL, so that every replica and restart accepts the same tokens');
  }
  if (!parsed.success || faults.length > 0) throw new ConfigError(`Runledger can't start with this configuration:\n  ${faults.join('\n  ')}`);

  const read = parsed.data;
  const dataDir = path.resolve(read.RUNLEDGER_DATA_DIR);
  return {
    host: read.RUNLEDGER_HOST,
    port: read.RUNLEDGER_PORT,
    publicUrl: read.RUNLEDGER_PUBLIC_URL?.replace(/\/+$/, ''),
    publicUrlGiven: read.RUNLEDGER_PUBLIC_URL !== undefined,
    trustProxy: parseTrust(read.RUNLEDGER_TRUST_PROXY ?? '0') ?? 0,
    corsOrigins: parseOrigins(read.RUNLEDGER_CORS_ORIGINS ?? '') ?? [],
    workers: read.RUNLEDGER_WORKERS,
    dataDir,
    databaseUrl: read.DATABASE_URL,
    listenDatabaseUrl: read.RUNLEDGER_LISTEN_DATABASE_URL,
    databasePrepare: read.RUNLEDGER_DATABASE_PREPARE === 'on',
    databasePool: read.RUNLEDGER_DATABASE_POOL,
    artifacts: read.RUNLEDGER_ARTIFACTS ?? pathToFileURL(path.join(dataDir, 'artifacts')).href,
    artifactRedirect: read.RUNLEDGER_ARTIFACT_REDIRECT === 'on',
    adminEmail: read.RUNLEDGER_ADMIN_EMAIL,
    adminPassword: read.RUNLEDGER_ADMIN_PASSWORD,
    adminToken: read.RUNLEDGER_ADMIN_TOKEN,
    jwtSecrets: secrets,
    gcAfterMs: read.RUNLEDGER_GC_AFTER === undefined ? undefined : parseDuration(read.RUNLEDGER_GC_AFTER),
    logLevel: read.RUNLEDGER_LOG,
    maxBodyBytes: read.RUNLEDGER_MAX_BODY_BYTES,
    webhookAllowPrivate: read.RUNLEDGER_WEBHOOK_ALLOW_PRIVATE === 'on',
    s3: { endpoint: read.AWS_ENDPOINT_URL_S3 ?? read.AWS_ENDPOINT_URL, region: read.AWS_REGION },
  };
}
