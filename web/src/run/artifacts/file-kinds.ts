// What kind of file a name stands for. Pure.

const KINDS: [RegExp, Kind][] = [
  [/\.(png|jpe?g|gif|webp|avif|bmp|ico|svg)$/i, 'image'],
  [/\.(csv|tsv)$/i, 'table'],
  [/\.(parquet|pq|geoparquet)$/i, 'parquet'],
  [/\.(md|markdown)$/i, 'markdown'],
  [/\.(html?|xhtml)$/i, 'html'],
  [/\.(json|ipynb)$/i, 'json'],
  [/\.pdf$/i, 'pdf'],
  [/\.(mp3|wav|ogg|flac|m4a)$/i, 'audio'],
  [/\.(mp4|webm|mov)$/i, 'video'],
  [
    /\.(txt|log|ya?ml|toml|ini|cfg|conf|py|pyi|r|jl|js|mjs|ts|tsx|sh|bash|sql|xml|env|rst|diff|patch|jsonl|ndjson|lock|c|h|cc|cpp|hpp|cu|go|rs|java|dockerfile)$/i,
    'text',
  ],
  [/(^|\/)(MLmodel|MLproject|Dockerfile|Makefile|LICENSE|README|conda|requirements)[^/]*$/i, 'text'],
];

export type Kind = 'image' | 'table' | 'parquet' | 'markdown' | 'html' | 'json' | 'pdf' | 'audio' | 'video' | 'text' | 'unknown';

export const kindOf = (name: string): Kind => KINDS.find(([pattern]) => pattern.test(name))?.[1] ?? 'unknown';
