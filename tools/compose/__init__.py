"""Composes, renders, masters and tags the twelve tracks of the house library."""
