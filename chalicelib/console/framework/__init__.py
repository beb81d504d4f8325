"""What every page needs and no subject owns: application, guard, visit, forms, rendering."""
