// Mounts the page: styles and theme. Everything else is below App.
import './styles/library.css';
import './styles/base.css';
import './styles/parts.css';
import './styles/shell.css';
import './styles/runs.css';
import './styles/table.css';
import './styles/charts.css';
import './styles/panels.css';
import './styles/rooms.css';
import './styles/more.css';
import { localStorageColorSchemeManager, MantineProvider } from '@mantine/core';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { App } from './app.tsx';
import { normalize } from './router.ts';
import { theme, variables } from './theme.ts';

normalize();
createRoot(document.getElementById('root')!).render(
  <StrictMode>
    <MantineProvider
      theme={theme}
      cssVariablesResolver={variables}
      defaultColorScheme="auto"
      colorSchemeManager={localStorageColorSchemeManager({ key: 'runledger.theme' })}
    >
      <App />
    </MantineProvider>
  </StrictMode>,
);
