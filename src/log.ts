// The process's logger: JSON lines, readable on a terminal. What could hold a secret is never logged.
import { type Logger, pino } from 'pino';
import pretty from 'pino-pretty';

export function openLog(level: string): Logger {
  const options = { level, base: null, redact: ['req.headers.authorization', 'req.headers.cookie', 'password', 'secret', 'token'] };
  if (!process.stdout.isTTY) return pino(options);
  return pino(options, pretty({ colorize: true, translateTime: 'SYS:HH:MM:ss', ignore: 'reqId', sync: true }));
}
