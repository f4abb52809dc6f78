// What differs between the same file of two runs, line by line.
import { useQuery } from '@tanstack/react-query';
import { queryKeys } from '../api/query-keys.ts';
import { plural } from '../format.ts';
import { readText } from '../run/artifacts/read-file.ts';
import { ErrorState, Rows } from '../ui/feedback/states.tsx';
import { diffLines, hunksOf } from './diff.ts';
import css from './side-by-side.module.css';

export function Diff({ before, after, name }: { before: string; after: string; name: string }) {
  const texts = useQuery({
    queryKey: queryKeys.fileDifference(before, after),
    staleTime: Number.POSITIVE_INFINITY,
    queryFn: async ({ signal }) => Promise.all([readText(before, signal), readText(after, signal)]),
  });
  if (texts.error) return <ErrorState error={texts.error} again={() => void texts.refetch()} />;
  if (!texts.data) return <Rows count={3} />;
  const [a, b] = texts.data;
  if (a === null || b === null) return <p className={css.sideNone}>It is no text; download the files to compare them.</p>;
  return <TextDiff before={a} after={b} name={name} />;
}

/** `name`: of what is compared with. */
export function TextDiff({ before, after, name }: { before: string; after: string; name: string }) {
  if (before === after) return <p className={css.sideNone}>The same as in {name}.</p>;
  const lines = diffLines(before, after);
  if (!lines) return <p className={css.sideNone}>Differs from {name} in too many lines to show them.</p>;
  return (
    <pre className={css.diff} tabIndex={0} role="group" aria-label={`What differs from ${name}`}>
      {hunksOf(lines).map((hunk, at) => (
        <div key={at}>
          {hunk.skipped > 0 && <div className={css.diffSkip}>… {plural(hunk.skipped, 'line')} the same</div>}
          {hunk.lines.map(({ kind, text }, index) => (
            <div key={index} data-kind={kind}>
              {kind === 'added' ? '+ ' : kind === 'removed' ? '− ' : '  '}
              {text}
            </div>
          ))}
        </div>
      ))}
    </pre>
  );
}
