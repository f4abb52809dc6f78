// The six questions of docs/graphql.md as examples: the queries that stand (and are tested) there, with their variables.
import text from '../../../docs/graphql.md?raw';

export type Example = { title: string; query: string; variables: string };

const QUESTION = /^### (\d\. .+)\n[\s\S]*?```graphql\n([\s\S]*?)```/gm;

export const examples: Example[] = [...text.matchAll(QUESTION)].map(([whole, title = '', query = ''], index, all) => {
  const start = all[index]!.index + whole.length;
  const rest = text.slice(start, all[index + 1]?.index);
  const variables = /^\s*Variables:\s*```json\n([\s\S]*?)```/.exec(rest)?.[1] ?? '';
  return { title, query: `# ${title}\n${query}`, variables };
});
