<?php
/**
 * Signatures as text: what a caller and a subclass depend on.
 *
 * @package DataMachine\Bridge\Tests
 */

declare(strict_types=1);

namespace DataMachine\Bridge\Tests\Contract\Facade;

function kind_of( \ReflectionClass $type ): string {
	if ( $type->isInterface() || $type->isTrait() ) {
		return $type->isInterface() ? 'interface' : 'trait';
	}
	return ( $type->isFinal() ? 'final ' : '' ) . ( $type->isAbstract() ? 'abstract ' : '' ) . 'class';
}

function method_text( \ReflectionMethod $method ): string {
	return implode( ' ', \Reflection::getModifierNames( $method->getModifiers() ) ) . ' ' . function_text( $method );
}

function function_text( \ReflectionFunctionAbstract $function ): string {
	$parameters = array();
	foreach ( $function->getParameters() as $parameter ) {
		$text = ( $parameter->hasType() ? $parameter->getType() . ' ' : '' ) . ( $parameter->isPassedByReference() ? '&' : '' ) . '$' . $parameter->getName();
		if ( $parameter->isDefaultValueAvailable() ) {
			$value = $parameter->getDefaultValue();
			$text .= ' = ' . ( is_array( $value ) ? '[]' : var_export( $value, true ) );
		}
		$parameters[] = $text;
	}
	return $function->getShortName() . '(' . implode( ', ', $parameters ) . ')' . ( $function->hasReturnType() ? ': ' . $function->getReturnType() : '' );
}
