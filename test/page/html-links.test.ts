// Where the links of an HTML file lead: to a library that this server has, to a file beside it, elsewhere, or nowhere.
import { describe, expect, it } from 'vitest';
import { libraryOf, linkOf } from '../../web/src/run/previews/html-links.ts';

describe('an address elsewhere', () => {
  it.each([
    ['https://cdn.plot.ly/plotly-3.0.1.min.js', 'plotly'],
    ['https://cdn.plot.ly/plotly-2.35.2.min.js', 'plotly'],
    ['https://cdn.plot.ly/plotly-latest.min.js', 'plotly'],
    ['https://cdn.plot.ly/plotly-basic-2.9.0.min.js', 'plotly'],
    ['https://cdnjs.cloudflare.com/ajax/libs/plotly.js/2.14.0/plotly.min.js', 'plotly'],
    ['https://cdn.jsdelivr.net/npm/plotly.js-dist-min@2.26.0/plotly.min.js', 'plotly'],
    ['https://cdn.jsdelivr.net/npm/plotly.js-dist@2', 'plotly'],
    ['https://unpkg.com/plotly.js-dist-min', 'plotly'],
    ['https://cdn.jsdelivr.net/npm/vega@5', 'vega'],
    ['https://cdn.jsdelivr.net/npm//vega@5?noext', 'vega'],
    ['https://cdn.jsdelivr.net/npm/vega-lite@5.20.1', 'vega-lite'],
    ['https://cdn.jsdelivr.net/npm/vega-embed@6/build/vega-embed.min.js', 'vega-embed'],
    ['https://cdnjs.cloudflare.com/ajax/libs/vega/5.25.0/vega.min.js', 'vega'],
    ['https://unpkg.com/vega-lite', 'vega-lite'],
    ['https://cdn.bokeh.org/bokeh/release/bokeh-3.4.1.min.js', null],
    ['https://cdn.jsdelivr.net/npm/vega-tooltip@0.30', null],
    ['https://example.com/my-plotly-theme.css', null],
    ['https://example.com/plotly-licence.html', null],
    ['https://code.jquery.com/jquery-3.7.1.min.js', null],
  ])('%s is %s', (address, library) => expect(libraryOf(address)).toBe(library));
});

describe('a link', () => {
  it.each([
    ['plot.png', { kind: 'beside', path: 'reports/a b/plot.png' }],
    ['./img/p%20q.png?x=1', { kind: 'beside', path: 'reports/a b/img/p q.png' }],
    ['../shared/é.css', { kind: 'beside', path: 'reports/shared/é.css' }],
    ['../../../../etc/passwd', { kind: 'beside', path: 'etc/passwd' }],
    ['//cdn.example.com/x.js', { kind: 'elsewhere', address: 'http://cdn.example.com/x.js', host: 'cdn.example.com' }],
    ['https://cdn.example.com/x.js', { kind: 'elsewhere', address: 'https://cdn.example.com/x.js', host: 'cdn.example.com' }],
    ['file:///home/me/x.png', { kind: 'elsewhere', address: 'file:///home/me/x.png', host: 'a file of another machine' }],
    ['data:image/png;base64,AA', { kind: 'own' }],
    ['blob:https://x/1', { kind: 'own' }],
    ['#top', { kind: 'own' }],
    ['', { kind: 'own' }],
    ['%E0%A4%A.png', { kind: 'own' }],
    ['http://', { kind: 'own' }],
  ])('%s', (href, link) => expect(linkOf(href, 'reports/a b/page.html')).toEqual(link));
});
