// Starts `sockbook lsp` for the scripts of a window.
'use strict';

const vscode = require('vscode');

let client;

/** The client's library is fetched by `npm install`; without it the extension has colours only. */
function library() {
  try {
    return require('vscode-languageclient/node');
  } catch {
    return undefined;
  }
}

async function start() {
  const lsp = library();
  if (!lsp) {
    vscode.window.showWarningMessage('sockbook: run `npm install --omit=dev` in the folder of the extension');
    return;
  }
  const settings = vscode.workspace.getConfiguration('sockbook');
  const lang = settings.get('lang');
  const server = {
    command: settings.get('path') || 'sockbook',
    args: lang ? ['lsp', '--lang', lang] : ['lsp'],
    transport: lsp.TransportKind.stdio,
  };
  client = new lsp.LanguageClient('sockbook', 'sockbook', server, {
    documentSelector: [{ language: 'sock' }],
    synchronize: { fileEvents: vscode.workspace.createFileSystemWatcher('**/{*.sock,sockbook.toml}') },
  });
  await client.start();
}

async function stop() {
  const running = client;
  client = undefined;
  await running?.stop();
}

exports.activate = async (context) => {
  const restart = vscode.commands.registerCommand('sockbook.restart', async () => {
    await stop();
    await start();
  });
  context.subscriptions.push(restart);
  await start();
};

exports.deactivate = stop;
