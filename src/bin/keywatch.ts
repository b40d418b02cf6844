#!/usr/bin/env node
import { createContext } from './context';
import { main } from './main';
import { errorText } from './output';

process.on('uncaughtException', (error) => {
  process.stderr.write(errorText(error));
  process.exit(1);
});

main(process.argv.slice(2), createContext(process)).then((code) => {
  // Not process.exit: what is still on its way into a pipe would be cut off.
  process.exitCode = code;
});
