// The process's logger: JSON lines, readable on a terminal. What could hold a secret is never logged.
import type { FastifyBaseLogger } from 'fastify';
import { type Logger, pino } from 'pino';
import pretty from 'pino-pretty';

export type Log = FastifyBaseLogger;
type Child = Parameters<Log['child']>;

export function openLog(level: string): Logger {
  const options = { level, base: null, redact: ['req.headers.authorization', 'req.headers.cookie', 'password', 'secret', 'token'] };
  if (!process.stdout.isTTY) return pino(options);
  return pino(options, pretty({ colorize: true, translateTime: 'SYS:HH:MM:ss', ignore: 'reqId', sync: true }));
}

/** `log` with children that are made once they log something: Fastify makes one for each request, and hardly any request logs. */
export const withLazyChildren = (log: Log): Log => new LazyChild(log, [{}]);

class LazyChild implements Log {
  readonly #parent: Log;
  readonly #given: Child;
  #made: Log | undefined;
  constructor(parent: Log, given: Child) {
    this.#parent = parent;
    this.#given = given;
  }
  get #log(): Log {
    this.#made ??= this.#parent.child(...this.#given);
    return this.#made;
  }
  get level() {
    return this.#log.level;
  }
  set level(level) {
    this.#log.level = level;
  }
  get fatal() {
    return this.#bound('fatal');
  }
  get error() {
    return this.#bound('error');
  }
  get warn() {
    return this.#bound('warn');
  }
  get info() {
    return this.#bound('info');
  }
  get debug() {
    return this.#bound('debug');
  }
  get trace() {
    return this.#bound('trace');
  }
  get silent() {
    return this.#bound('silent');
  }
  child(...given: Child): Log {
    return new LazyChild(this.#log, given);
  }
  #bound<N extends 'fatal' | 'error' | 'warn' | 'info' | 'debug' | 'trace' | 'silent'>(name: N): Log[N] {
    return this.#log[name].bind(this.#log) as Log[N];
  }
}
