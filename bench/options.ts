// What the command line says. The only reader of arguments in bench/.
import { parseArgs } from 'node:util';

export const GROUPS = ['ingest', 'history', 'search', 'artifacts', 'graphql', 'questions', 'memory'] as const;
export type Group = (typeof GROUPS)[number];

export type Options = {
  peers: string[];
  runs: number;
  seconds: number;
  repeats: number;
  points: number;
  artifactMb: number;
  writers: number;
  only: Set<Group>;
  sizes: number[];
  seedBy: 'api' | 'sql' | 'auto';
  wide: [runs: number, keys: number] | undefined;
  deep: [keys: number, steps: number] | undefined;
  long: boolean;
  database: string | undefined;
  ours: boolean;
  prototype: boolean;
  raw: boolean;
  write: boolean;
  keep: boolean;
  profile: string | undefined;
  command: string;
};

const USAGE = `npm run bench -- [options]
  --peers              measure MLflow and FastTrackML too (or one: --peer mlflow)
  --peer NAME          mlflow or fasttrackml; may be repeated
  --runs 20000         runs to search among
  --only a,b           of ${GROUPS.join(', ')}
  --seconds 4          how long each measurement lasts
  --repeats 3          the median of so many measurements counts
  --points 10000       points of each of the 100 curves
  --writers 500        clients that log at once
  --artifact-mb 200    size of the file sent and fetched
  --size 200000,…      how search grows: also with so many runs (ours)
  --seed auto          of those runs: api, sql (copies of --runs made in Postgres), auto = sql over 50,000.
                       Of a peer's --runs: api, or by default the first 100 through its API, the others in Postgres
  --wide 75000x1500    load runs × metrics, report bytes a value (ours)
  --deep 1000x100000   load keys × steps of one run, report bytes a point (ours)
  --long               curves of 100,000 and 10 million points, and what compaction costs those that log (ours)
  --prototype          what the same costs in a bare Node process over Postgres, measured beside each act of ours
  --database URL       a Postgres in which databases may be made; by default the embedded one
  --no-ours            without ours: the others again
  --no-raw             without the column of Postgres alone
  --write              put the table into docs/bench.md
  --keep               keep the databases and files
  --profile FOLDER     leave a CPU profile of our server there (use with --only)`;

const number = (text: string, name: string): number => {
  const value = Number(text);
  if (!(value > 0)) throw new UsageError(`--${name} must be a positive number.`);
  return value;
};

const pair = (text: string | undefined, name: string): [number, number] | undefined => {
  if (text === undefined) return undefined;
  const [a, b] = text.split('x');
  return [number(a ?? '', name), number(b ?? '', name)];
};

export class UsageError extends Error {}

/** Throws UsageError with the usage when it can't be understood. */
export function readOptions(args: string[]): Options {
  const text = (value: string) => ({ type: 'string', default: value }) as const;
  let values: ReturnType<typeof parse>;
  function parse() {
    return parseArgs({
      args,
      options: {
        peers: { type: 'boolean', default: false },
        peer: { type: 'string', multiple: true, default: [] },
        runs: text('20000'),
        seconds: text('4'),
        repeats: text('3'),
        points: text('10000'),
        writers: text('500'),
        'artifact-mb': text('200'),
        only: { type: 'string' },
        size: { type: 'string' },
        seed: text('auto'),
        wide: { type: 'string' },
        deep: { type: 'string' },
        long: { type: 'boolean', default: false },
        prototype: { type: 'boolean', default: false },
        database: { type: 'string' },
        'no-ours': { type: 'boolean', default: false },
        'no-raw': { type: 'boolean', default: false },
        write: { type: 'boolean', default: false },
        keep: { type: 'boolean', default: false },
        profile: { type: 'string' },
        help: { type: 'boolean', short: 'h', default: false },
      },
    }).values;
  }
  try {
    values = parse();
  } catch (error) {
    throw new UsageError(`${(error as Error).message}\n\n${USAGE}`);
  }
  if (values.help) throw new UsageError(USAGE);
  const only = values.only === undefined ? [...GROUPS] : values.only.split(',').filter(Boolean);
  const unknown = only.filter((name) => !(GROUPS as readonly string[]).includes(name));
  if (unknown.length > 0) throw new UsageError(`--only knows ${GROUPS.join(', ')}, not ${unknown.join(', ')}.`);
  if (!['api', 'sql', 'auto'].includes(values.seed)) throw new UsageError('--seed is api, sql or auto.');
  return {
    peers: values.peers ? ['mlflow', 'fasttrackml'] : values.peer,
    runs: number(values.runs, 'runs'),
    seconds: number(values.seconds, 'seconds'),
    repeats: number(values.repeats, 'repeats'),
    points: number(values.points, 'points'),
    writers: number(values.writers, 'writers'),
    artifactMb: number(values['artifact-mb'], 'artifact-mb'),
    only: new Set(only as Group[]),
    sizes: (values.size ?? '')
      .split(',')
      .filter(Boolean)
      .map((size) => number(size, 'size')),
    seedBy: values.seed as Options['seedBy'],
    wide: pair(values.wide, 'wide'),
    deep: pair(values.deep, 'deep'),
    long: values.long,
    database: values.database,
    ours: !values['no-ours'],
    prototype: values.prototype,
    raw: !values['no-raw'],
    write: values.write,
    keep: values.keep,
    profile: values.profile,
    command: commandOf(args),
  };
}

/** Settings of the server that a measurement may be about: it inherits them. */
const TUNING = ['RUNLEDGER_WORKERS', 'RUNLEDGER_DATABASE_POOL', 'NODE_OPTIONS'];

/** What a reader types to get the same table; where it goes is no part of that. */
function commandOf(args: string[]): string {
  const tuned = TUNING.filter((name) => process.env[name]).map((name) => `${name}=${JSON.stringify(process.env[name])} `);
  const rest = args.filter((one) => one !== '--write').map((one) => (one.includes('://') ? 'postgres://…' : one));
  return `${tuned.join('')}npm run bench${rest.length > 0 ? ` -- ${rest.join(' ')}` : ''}`;
}
