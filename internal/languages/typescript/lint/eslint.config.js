import eslint from "@eslint/js";
import { defineConfig } from "eslint/config";
import tseslint from "typescript-eslint";

export default defineConfig(
  { ignores: ["**/generated/**", "**/dist/**", "**/user_pb.*"] },
  eslint.configs.recommended,
  tseslint.configs.strictTypeChecked,
  tseslint.configs.stylisticTypeChecked,
  {
    languageOptions: { parserOptions: { projectService: true } },
    rules: {
      // Numbers are clear in a template.
      "@typescript-eslint/restrict-template-expressions": ["error", { allowNumber: true, allowBoolean: true }],
      // The status table is keyed by numbers.
      "@typescript-eslint/no-confusing-void-expression": ["error", { ignoreArrowShorthand: true, ignoreVoidOperator: true }],
      // An empty text is missing, too.
      "@typescript-eslint/prefer-nullish-coalescing": "off",
      // tsc asks for brackets (noPropertyAccessFromIndexSignature).
      "@typescript-eslint/dot-notation": "off",
      // The runtimes have enums of their own for the same codes, so a code is a number.
      "@typescript-eslint/no-unsafe-enum-assignment": "off",
      // Headers and texts with control characters are the subject.
      "no-control-regex": "off",
    },
  },
  {
    files: ["**/*.test.ts", "**/server.ts", "**/connect_server.ts", "**/example*.ts"],
    rules: {
      // A method is async where its kind is.
      "@typescript-eslint/require-await": "off",
      "@typescript-eslint/no-floating-promises": "off",
      "@typescript-eslint/no-unsafe-type-assertion": "off",
    },
  },
);
