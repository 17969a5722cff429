-- What a user of Neovim does with a script: sees what is wrong, takes what is offered, lays it out, renames.
-- Run with the script open: nvim --headless -u init.lua a.sock -c 'luafile neovim.lua'

local function say(text)
  io.stderr:write(text .. '\n')
end

local function must(what, ready)
  if not vim.wait(20000, ready, 20) then
    say('waited in vain for ' .. what)
    vim.cmd('cquit 1')
  end
end

local function line(number)
  return vim.api.nvim_buf_get_lines(0, number - 1, number, true)[1]
end

local good, why = pcall(function()
  must('a finding', function()
    return #vim.diagnostic.get(0) == 1
  end)
  local finding = vim.diagnostic.get(0)[1]
  say((finding.lnum + 1) .. ': ' .. vim.split(finding.message, '\n')[1])

  vim.api.nvim_win_set_cursor(0, { 2, finding.col })
  vim.ui.select = function(items, _, choose)
    choose(items[1])
  end
  vim.lsp.buf.code_action()
  must('the action', function()
    return line(2) == 'c = socket inet stream'
  end)
  -- What is left is a warning of `check`: the socket is never closed.
  must('no mistake', function()
    return #vim.diagnostic.get(0, { severity = vim.diagnostic.severity.ERROR }) == 0
  end)
  say('clean')

  if vim.lsp.buf.format then
    vim.lsp.buf.format({ timeout_ms = 20000 })
  else
    vim.lsp.buf.formatting_sync(nil, 20000)
  end
  must('the layout', function()
    return line(3) == 'print $host'
  end)
  vim.api.nvim_win_set_cursor(0, { 3, 8 })
  vim.lsp.buf.rename('machine')
  must('the name', function()
    return line(1) == 'let machine = localhost'
  end)
  say(line(3))
end)
if not good then
  say(tostring(why))
end
vim.cmd(good and 'qall!' or 'cquit 1')
