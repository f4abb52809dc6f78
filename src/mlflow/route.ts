// A row of the MLflow route tables, and how a table becomes HTTP routes.
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { TeamCtx } from '../context.ts';
import { Written } from '../http/streamedJson.ts';
import { AppError, invalid } from '../lib/errors.ts';
import { parseJson, sourceAt, stringifyJson } from '../lib/json.ts';
import { DecodeFault, faultToError, message, queryToJson, type Read, type Shape } from './codec.ts';

export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
/** P0: what the fluent client, registry and autolog use. P1: MLflow's page, bulk reads, webhooks, workspaces. OLD: only clients before 2.0. */
export type RouteClass = 'P0' | 'P1' | 'OLD';

export type Route = {
  method: Method;
  /** After `/api/` and `/ajax-api/`, e.g. `2.0/mlflow/runs/create`; `:name` is a path parameter, read like a field. */
  path: string;
  class: RouteClass;
  purpose: string;
  shape: Shape;
  status: number;
  handle: (ctx: TeamCtx, request: never) => Promise<unknown>;
};

/** `handle` gets the decoded request and answers the message to send, or its text; undefined means `{}`. */
export function route<S extends Shape>(
  method: Method,
  path: string,
  kind: RouteClass,
  purpose: string,
  shape: S,
  handle: (ctx: TeamCtx, request: Read<S>) => Promise<unknown>,
  status = 200,
): Route {
  return { method, path, class: kind, purpose, shape, status, handle: handle as Route['handle'] };
}

/** As much as a filter may be long, with all else that a GET asks for. */
const MAX_GET_BODY = 1024 * 1024;

/** The body of a GET without a query string, which Fastify leaves unread. curl users and `mlflow-export-import` send one, and MLflow reads it. */
async function bodyOfGet({ raw, query }: FastifyRequest): Promise<string> {
  const { 'content-length': length = '0', 'transfer-encoding': encoding } = raw.headers;
  if (Object.keys(query as object).length > 0 || (length === '0' && encoding === undefined)) return '';
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of raw) {
    chunks.push(chunk as Buffer);
    bytes += (chunk as Buffer).length;
    if (bytes > MAX_GET_BODY)
      throw new AppError('TOO_LARGE', `The body of a GET may have ${MAX_GET_BODY} bytes. Send it by POST where the protocol has it.`);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function readBody(text: string): { text: string; json: unknown } {
  if (text.trim() === '') return { text, json: undefined };
  try {
    let json = parseJson(text);
    // Some old clients send a JSON string that holds JSON.
    if (typeof json === 'string') json = parseJson(json);
    return { text, json };
  } catch {
    throw invalid('The request body is not valid JSON.');
  }
}

async function decode(route: Route, shape: ReturnType<typeof message>, request: FastifyRequest): Promise<unknown> {
  const given = request.headers['content-type'];
  if ((route.method === 'POST' || route.method === 'PUT') && given !== 'application/json') {
    const type = given?.split(';')[0]?.trim().toLowerCase();
    if (type === undefined) throw invalid('Bad Request. Content-Type header is missing.');
    if (type !== 'application/json') throw invalid(`Bad Request. Content-Type must be one of ['application/json'], not '${type}'.`);
  }
  const query = queryToJson(request.query as Record<string, string>, route.shape);
  const sent = route.method === 'GET' ? await bodyOfGet(request) : request.body;
  const { text, json } = readBody(typeof sent === 'string' ? sent : '');
  if (json !== undefined && (typeof json !== 'object' || json === null || Array.isArray(json))) {
    throw invalid('The request body must be a JSON object.');
  }
  try {
    return shape.read({ ...(json ?? query), ...(request.params as object) }, []);
  } catch (error) {
    if (error instanceof DecodeFault) throw faultToError(error, sourceAt(text, error.path));
    throw error;
  }
}

/** Serves the rows under `/api/` and `/ajax-api/`. The scope must have been through `actInTeam`. */
export function serveRoutes(app: FastifyInstance, routes: Route[]): void {
  for (const row of routes) {
    const shape = message(row.shape);
    for (const prefix of ['/api/', '/ajax-api/']) {
      app.route({
        method: row.method,
        url: prefix + row.path,
        handler: async (request, reply) => {
          const answer = await row.handle(request.ctx, (await decode(row, shape, request)) as never);
          reply.code(row.status);
          if (row.status === 204) return reply.send();
          reply.type('application/json; charset=utf-8');
          return answer instanceof Written ? answer.send(reply) : stringifyJson(answer ?? {});
        },
      });
    }
  }
}
