// Code in colours. Loaded when the first code is looked at; only of languages that runs leave behind.
import '../../styles/code.css';
import bash from 'highlight.js/lib/languages/bash';
import cpp from 'highlight.js/lib/languages/cpp';
import diff from 'highlight.js/lib/languages/diff';
import ini from 'highlight.js/lib/languages/ini';
import javascript from 'highlight.js/lib/languages/javascript';
import json from 'highlight.js/lib/languages/json';
import python from 'highlight.js/lib/languages/python';
import r from 'highlight.js/lib/languages/r';
import sql from 'highlight.js/lib/languages/sql';
import xml from 'highlight.js/lib/languages/xml';
import yaml from 'highlight.js/lib/languages/yaml';
import { createLowlight } from 'lowlight';
import { type ReactNode, useMemo } from 'react';

const lowlight = createLowlight({ bash, cpp, diff, ini, javascript, json, python, r, sql, xml, yaml });
type Nodes = ReturnType<typeof lowlight.highlight>['children'];

/** As elements, not as HTML: nothing in a file becomes markup. */
const draw = (nodes: Nodes): ReactNode[] =>
  nodes.map((node, at) => {
    if (node.type === 'text') return node.value;
    if (node.type !== 'element') return null;
    const names = node.properties.className;
    return (
      <span key={at} className={Array.isArray(names) ? names.join(' ') : undefined}>
        {draw(node.children)}
      </span>
    );
  });

export function Code({ text, language }: { text: string; language: string }) {
  const drawn = useMemo(() => draw(lowlight.highlight(language, text).children), [text, language]);
  return <>{drawn}</>;
}
