// Pythons that this machine has. CI makes one with all that recipes need, and names it by PYTHON.
import { execFileSync } from 'node:child_process';
import { homedir } from 'node:os';
import path from 'node:path';

const pythons = [process.env.PYTHON, path.join(homedir(), '.cache/runledger-conformance/bin/python'), 'python3'].filter((one) => one !== undefined);

/** The first Python that can import all of these. */
export function pythonWith(...modules: string[]): string | null {
  const found = pythons.find((python) => {
    try {
      execFileSync(python, ['-c', `import ${['sys', ...modules].join(', ')}`], { stdio: 'ignore', timeout: 60_000 });
      return true;
    } catch {
      return false;
    }
  });
  if (!found) console.warn(`No Python with ${modules.join(' and ') || 'its standard library'}: its recipe is left out. PYTHON=… names one.`);
  return found ?? null;
}
