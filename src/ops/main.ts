// The command line: `npm run gc -- --older-than 30d --dry-run`, or beside a build `node dist/ops/main.js gc …`. Reads the same environment as the
// server, and may run while servers do.
import { parseArgs } from 'node:util';
import { type Config, readConfig } from '../config.ts';
import { openLog } from '../lib/log.ts';
import { admitOlder, type OpenDeps, openWithDatabase } from '../process.ts';
import { describeFault } from '../startFaults.ts';
import { verify } from './audit.ts';
import { gc } from './gc.ts';

const USAGE = `Usage: runledger <command>

  gc [--older-than 30d] [--team SLUG] [--dry-run]
      Deletes for good what was deleted at least so long ago (RUNLEDGER_GC_AFTER unless given), of one team or of all.
      --dry-run removes nothing and tells what would go: runs, points, bytes of artifacts.
  audit verify [--expect CHAIN:NUMBER:SEAL]…
      Says whether the audit log is as it was written: nothing changed, removed or moved. Prints the head of each team's chain; note it elsewhere,
      and give it later as --expect, to see whether the end was cut off.
  migrate [--allow-older]
      Brings the database's tables up to date, as every start of the server does. --allow-older lets servers of earlier releases write to it again,
      for the way back: stop the newer ones first. The next start of a newer one keeps them out again.
`;

class UsageError extends Error {}

const OPTIONS = {
  'older-than': { type: 'string' },
  team: { type: 'string' },
  'allow-older': { type: 'boolean', default: false },
  expect: { type: 'string', multiple: true },
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
  const isKnown = command === 'audit' ? rest.join(' ') === 'verify' : (command === 'gc' || command === 'migrate') && rest.length === 0;
  if (!isKnown) throw new UsageError(`There is no command '${positionals.join(' ')}'.`);
  const deps = await open(readConfig());
  try {
    if (command === 'gc')
      await gc(deps, { olderThan: values['older-than'], team: values.team, dryRun: values['dry-run'], isStopped: () => stop.aborted }, write);
    if (command === 'audit') await verify(deps, values.expect ?? [], write);
    if (command === 'migrate' && values['allow-older']) {
      await admitOlder(deps.db);
      write('Servers of earlier releases may write to this database until a server of this release starts again.');
    }
  } finally {
    await deps.close();
  }
}

/** Warnings and worse: what a command says itself is for people. */
const open = (config: Config): Promise<OpenDeps> => openWithDatabase(config, openLog(config.logLevel === 'info' ? 'warn' : config.logLevel));

const stop = new AbortController();
process.on('SIGINT', () => stop.abort());
process.on('SIGTERM', () => stop.abort());
try {
  await run(process.argv.slice(2), stop.signal);
} catch (error) {
  process.stderr.write(error instanceof UsageError ? `${error.message}\n\n${USAGE}` : `${describeFault(error)}\n`);
  process.exitCode = 1;
}
