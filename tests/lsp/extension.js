// The extension in scripts/editors against a stand-in for VS Code: what it starts, and that it ends it.
// Usage: node extension.js; prints what happened.
'use strict';

const Module = require('module');
const path = require('path');

let settings = {};
let library = true;
const load = Module._load;
Module._load = (name, ...rest) => {
  if (name === 'vscode') {
    return {
      window: { showWarningMessage: (text) => console.log('warned:', text) },
      workspace: {
        getConfiguration: () => ({ get: (key) => settings[key] }),
        createFileSystemWatcher: (pattern) => pattern,
      },
      commands: { registerCommand: (name) => name },
    };
  }
  if (name === 'vscode-languageclient/node') {
    if (!library) {
      throw new Error('not installed');
    }
    return {
      TransportKind: { stdio: 0 },
      LanguageClient: class {
        constructor(id, _name, server, client) {
          this.line = `${server.command} ${server.args.join(' ')} for ${client.documentSelector[0].language}`;
        }
        async start() {
          console.log('started:', this.line);
        }
        async stop() {
          console.log('stopped');
        }
      },
    };
  }
  return load(name, ...rest);
};

(async () => {
  const folder = path.join(__dirname, '../../scripts/editors');
  const manifest = require(path.join(folder, 'package.json'));
  const extension = require(path.join(folder, manifest.main));
  const context = { subscriptions: [] };
  await extension.activate(context);
  await extension.deactivate();
  settings = { path: '/opt/sockbook', lang: 'es' };
  await extension.activate(context);
  await extension.deactivate();
  library = false;
  await extension.activate(context);
  await extension.deactivate();
  console.log(context.subscriptions.every((c) => manifest.contributes.commands.some((m) => m.command === c)));
})();
