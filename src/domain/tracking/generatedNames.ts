// Names for runs and models that nobody named: predicate-noun-number, at most 20 characters, as MLflow's.
import { randomInt } from 'node:crypto';

const PREDICATES =
  'able amber apt bold brave bright brisk calm clean clever cosmic crisp curious dapper daring eager early fair fancy fast fierce fleet fond fresh gentle glad golden grand happy hardy honest humble jolly keen kind lively loud lucky mellow merry mighty neat nimble noble open patient plucky polite proud quick quiet rapid ready regal rosy royal serene sharp shiny silent sincere sleek smart smooth solid spry steady stoic sunny swift tidy tough tranquil upbeat valiant vivid warm wise witty worthy young zesty'.split(
    ' ',
  );
const NOUNS =
  'ant ape asp auk bass bat bear bee bird boar calf carp cat chimp clam cod colt conch cow crab crane crow cub deer dog dove duck eel elk ewe fawn finch fish flea fly fowl fox frog gnat goat goose grouse gull hare hawk hen hog horse hound jay kite koi lamb lark loon lynx mare mink mole moose moth mouse mule newt owl ox panda perch pig pug quail ram rat ray robin roo rook seal shad shark sheep shrew shrike skink skunk sloth slug smelt snail snake snipe sow sponge squid squirrel stag steed stoat stork swan swift tern toad trout turtle vole wasp whale wolf worm wren yak zebra'.split(
    ' ',
  );
const MAX_LENGTH = 20;

export function generateName(): string {
  const pick = (words: string[]) => words[randomInt(words.length)]!;
  return `${pick(PREDICATES)}-${pick(NOUNS)}-${randomInt(1000)}`.slice(0, MAX_LENGTH);
}
