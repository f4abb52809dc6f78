// Passwords that are none: too short for a guess to fail, or among those that everybody tries first.

const LEAST_LENGTH = 12;
const MOST_LENGTH = 256;
const LEAST_DIFFERENT = 5;
/** What a password must have beside common words: so many letters, or so many characters of any kind. */
const LEAST_OWN_LETTERS = 3;
const LEAST_OWN = 8;

// With 12 characters and more, what people choose is one of these with something before or behind, or several of them. Longest first.
const COMMON = `correcthorsebatterystaple 1qaz2wsx3edc4rfv qwertyuiop asdfghjkl zxcvbnm 1q2w3e4r5t6y 1q2w3e4r5t 1q2w3e4r 1qaz2wsx qwerty qazwsx azerty
  password passwort passw0rd p@ssw0rd p@ssword pa55word passphrase motdepasse contrasena senha secret geheim letmein welcome willkommen changeme
  change default administrator admin root user guest login test testing iloveyou princess dragon monkey football baseball basketball superman batman
  sunshine shadow master hello whatever trustno1 starwars pokemon michael jordan charlie computer internet server database company team runledger
  mlflow spring summer autumn winter january february march april june july august september october november december monday friday
  please my the is your mypassword not your`
  .split(/\s+/)
  .sort((a, b) => b.length - a.length);
const RUNS = ['01234567890123456789', '98765432109876543210', 'abcdefghijklmnopqrstuvwxyz', 'zyxwvutsrqponmlkjihgfedcba'];

/** What is left once common words, rows of digits and letters, repeats and spaces are taken out. */
function remainder(password: string): string {
  let rest = password.toLowerCase().replace(/[\s_.-]/g, '');
  for (const run of RUNS) {
    for (let length = run.length; length >= 4; length -= 1)
      for (let start = 0; start + length <= run.length; start += 1) rest = rest.replaceAll(run.slice(start, start + length), '');
  }
  for (const word of COMMON) rest = rest.replaceAll(word, '');
  return rest.replace(/(.)\1+/gsu, '$1');
}

/** What is wrong with a password, and what to do; undefined for one that may be. `email`: whose it is to be. */
export function weaknessOfPassword(password: string, email: string): string | undefined {
  const bare = password.trim();
  if (bare.length < LEAST_LENGTH || password.length > MOST_LENGTH)
    return `A password must have ${LEAST_LENGTH} to ${MOST_LENGTH} characters, spaces around it not counted.`;
  const why = reasonAgainst(bare.toLowerCase(), email.toLowerCase());
  return why && `${why} Choose another: some words that only you put together, of ${LEAST_LENGTH} characters or more.`;
}

function reasonAgainst(password: string, email: string): string | undefined {
  const [local = ''] = email.split('@');
  const own = [email, ...(local.length >= 4 ? [local] : [])];
  if (new Set(password).size < LEAST_DIFFERENT) return 'This password is a few characters again and again.';
  if (own.some((text) => text !== '' && password.replaceAll(text, '').length < LEAST_LENGTH / 2)) return 'This password is the email address.';
  const rest = remainder(password);
  const isCommon = rest.replace(/[^\p{L}]/gu, '').length < LEAST_OWN_LETTERS && rest.length < LEAST_OWN;
  return isCommon ? 'This password is among those that everybody tries first.' : undefined;
}
