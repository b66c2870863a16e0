"""Key supply for a use."""
