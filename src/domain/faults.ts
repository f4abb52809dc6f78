// What several rules say of things that aren't there, or are deleted. Another team's things answer the same.
import { failedPrecondition, invalid, notFound } from '../lib/errors.ts';

export const runNotFound = (runId: string) => notFound(`No run '${runId}' exists.`, { reason: 'run-not-found', runId });
export const runDeleted = (runId: string) => failedPrecondition(`The run '${runId}' is deleted. Restore it first.`, { reason: 'run-deleted', runId });

/** Text that can't be an experiment's number is told from numbers that aren't there. */
export const experimentNotFound = (experimentId: string) =>
  /^-?\d+$/.test(experimentId)
    ? notFound(`No experiment '${experimentId}' exists.`, { reason: 'experiment-not-found', experimentId })
    : invalid(`'${experimentId}' is no experiment: give its number.`, {
        reason: 'experiment-id-not-a-number',
        argument: 'experimentId',
        experimentId,
      });
export const experimentDeleted = (experimentId: string) =>
  failedPrecondition(`The experiment '${experimentId}' is deleted. Restore it first.`, { reason: 'experiment-deleted', experimentId });

/** `modelId` with its `m-`. */
export const loggedModelNotFound = (modelId: string) =>
  notFound(`No logged model '${modelId}' exists.`, { reason: 'logged-model-not-found', modelId });

export const registeredModelNotFound = (name: string) =>
  notFound(`No registered model '${name}' exists.`, { reason: 'registered-model-not-found', name });
export const versionNotFound = (name: string, version: string | number) =>
  notFound(`The model '${name}' has no version ${version}.`, { reason: 'version-not-found', name, version });

/** A cursor that no server made. `argument`: the input that held it. */
export const cursorInvalid = (argument: string) =>
  invalid("This isn't a cursor of this list. Give one that it returned, or leave it out to start again.", { reason: 'cursor-invalid', argument });
