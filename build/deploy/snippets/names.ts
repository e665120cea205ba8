/** A function's name as CloudFormation takes it: letters and digits, `ImageSearch`. */
export const logicalName = (name: string): string =>
  name
    .split(/[^A-Za-z0-9]+/)
    .map((part) => part.slice(0, 1).toUpperCase() + part.slice(1))
    .join("");

/** The same as a variable of TypeScript, `imageSearchFunction`: alone, a name may be a word of the language. */
export const variableName = (name: string): string => {
  const logical = logicalName(name);
  const start = /^\d/.test(logical) ? "_" : "";
  return `${start}${logical.slice(0, 1).toLowerCase()}${logical.slice(1)}Function`;
};

/** The same as a name of Terraform: `image_search`. */
export const terraformName = (name: string): string => {
  const plain = name.replaceAll(/[^A-Za-z0-9_-]/g, "_");
  return /^\d/.test(plain) ? `_${plain}` : plain;
};
