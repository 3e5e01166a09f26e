/**
 * Text to token ids: the tokenizer of a checkpoint, exact and linear in the length of the text.
 * Imports the tokenizer library and nothing of this project.
 */
package io.longreach.encoders.text;
