// The command line: `npm run gc -- --older-than 30d --dry-run`, or beside a build `node dist/cli/main.js gc …`. Reads the same environment as the
// server, and may run while servers do.
import path from 'node:path';
import { parseArgs } from 'node:util';
import { type Config, readConfig } from '../config.ts';
import { startEmbedded } from '../db/embedded.ts';
import { openLog } from '../log.ts';
import { type OpenDeps, openDeps } from '../process.ts';
import { readSecrets } from '../secrets.ts';
import { describeFault } from '../startFaults.ts';
import { gc } from './gc.ts';

const USAGE = `Usage: runledger <command>

  gc [--older-than 30d] [--team SLUG] [--dry-run]
      Deletes for good what was deleted at least so long ago (RUNLEDGER_GC_AFTER unless given), of one team or of all.
      --dry-run removes nothing and tells what would go: runs, points, bytes of artifacts.
  migrate
      Brings the database's tables up to date, as every start of the server does.
`;

class UsageError extends Error {}

const OPTIONS = {
  'older-than': { type: 'string' },
  team: { type: 'string' },
  'dry-run': { type: 'boolean', default: false },
  help: { type: 'boolean', short: 'h', default: false },
} as const;

function readArguments(args: string[]) {
  try {
    return parseArgs({ args, options: OPTIONS, allowPositionals: true });
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
}

const write = (line: string) => void process.stdout.write(`${line}\n`);

/** `stop`: an interrupt, upon which the work under way is finished and no more begun. */
async function run(args: string[], stop: AbortSignal): Promise<void> {
  const { values, positionals } = readArguments(args);
  const [command, ...rest] = positionals;
  if (values.help) return write(USAGE);
  if (rest.length > 0 || (command !== 'gc' && command !== 'migrate')) throw new UsageError(`There is no command '${positionals.join(' ')}'.`);
  const deps = await open(readConfig());
  try {
    if (command === 'gc')
      await gc(deps, { olderThan: values['older-than'], team: values.team, dryRun: values['dry-run'], isStopped: () => stop.aborted }, write);
  } finally {
    await deps.close();
  }
}

/** The database of the data folder is started where it isn't running, and stopped again unless a server uses it. */
async function open(config: Config): Promise<OpenDeps> {
  const log = openLog(config.logLevel === 'info' ? 'warn' : config.logLevel);
  if (config.databaseUrl) return openDeps(config, config.databaseUrl, log);
  const secrets = await readSecrets(config.dataDir);
  const embedded = await startEmbedded(path.join(config.dataDir, 'postgres'), secrets.databasePassword);
  try {
    const deps = await openDeps({ ...config, jwtSecrets: [secrets.jwtSecret] }, embedded.url, log);
    const { close } = deps;
    return Object.assign(deps, {
      async close() {
        await close();
        await embedded.stop();
      },
    });
  } catch (error) {
    if (!embedded.takenOver) await embedded.stop();
    throw error;
  }
}

const stop = new AbortController();
process.on('SIGINT', () => stop.abort());
process.on('SIGTERM', () => stop.abort());
try {
  await run(process.argv.slice(2), stop.signal);
} catch (error) {
  process.stderr.write(error instanceof UsageError ? `${error.message}\n\n${USAGE}` : `${describeFault(error)}\n`);
  process.exitCode = 1;
}
