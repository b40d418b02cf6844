import type { DirectCommand } from '../domain/command';
import type { Declarations } from './declarations';

/** The parts of a partition's state that commands change. */
export interface Commanded {
  readonly declarations: Declarations;
}

/** Carries a command out at its place in the log. Taken once more in its order, it changes nothing. */
export function obey(command: DirectCommand, { declarations }: Commanded): void {
  switch (command.type) {
    case 'expect': {
      const { key, facets, until, by } = command;
      declarations.expect({ key, facets, until, by });
      return;
    }
  }
}
