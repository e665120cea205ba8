import type { Argv } from "yargs";
import { oneOf } from "../known-names.ts";
import { print } from "../output.ts";

/** Each asks mkimage itself what may come next, by the option that yargs answers. */
const SCRIPTS = {
  bash: `# bash completion for mkimage: source <(mkimage completion bash)
_mkimage() {
  local IFS=$'\\n'
  COMPREPLY=($(compgen -W "$(mkimage --get-yargs-completions "\${COMP_WORDS[@]:0:COMP_CWORD+1}" 2>/dev/null)" -- "\${COMP_WORDS[COMP_CWORD]}"))
}
complete -o default -F _mkimage mkimage`,
  zsh: `#compdef mkimage
# zsh completion for mkimage: source <(mkimage completion zsh)
_mkimage() {
  local -a found
  found=("\${(@f)$(SHELL=/bin/bash ZSH_NAME= mkimage --get-yargs-completions "\${words[@]:0:$CURRENT}" 2>/dev/null)}")
  compadd -a found
}
compdef _mkimage mkimage`,
  fish: `# fish completion for mkimage: mkimage completion fish | source
complete -c mkimage -f -a '(mkimage --get-yargs-completions (commandline -opc) (commandline -ct) 2>/dev/null)'`,
};
type Shell = keyof typeof SCRIPTS;
const SHELLS = Object.keys(SCRIPTS) as Shell[];

export const builder = (yargs: Argv) =>
  yargs
    .positional("shell", {
      string: true,
      description: `One of ${SHELLS.join(", ")} [default: that of $SHELL, else bash]`,
    })
    .example("source <($0 completion bash)", "for this shell; put it into ~/.bashrc for all")
    .example("$0 completion fish > ~/.config/fish/completions/mkimage.fish", "for fish");

export async function handler({ shell }: { shell?: string }): Promise<void> {
  const own = SHELLS.find((each) => process.env["SHELL"]?.endsWith(`/${each}`)) ?? "bash";
  print(SCRIPTS[shell === undefined ? own : oneOf("shell", shell, SHELLS)]);
}
